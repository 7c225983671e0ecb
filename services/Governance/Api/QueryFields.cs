namespace Gateway.Governance.Api;

/// <summary>Checks of query parameters.</summary>
internal static class QueryFields
{
    /// <summary>An error for each parameter that is not legal.</summary>
    public static FieldErrors Unknown(HttpContext context, params string[] legal)
    {
        var errors = new FieldErrors();
        foreach (var name in context.Request.Query.Keys.Where(k => !legal.Contains(k, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Add(name, $"is unknown. Legal parameters: {string.Join(", ", legal)}.");
        }

        return errors;
    }

    public static void CheckLimit(int? limit, FieldErrors errors)
    {
        if (Paging.Wrong(limit) is { Errors: [var wrong] })
        {
            errors.Add(wrong.Field, wrong.Message);
        }
    }
}
