namespace Gateway.Governance.Api;

/// <summary>The rules of <c>limit</c>.</summary>
internal static class Paging
{
    /// <summary>What is wrong with a limit, or null.</summary>
    public static Problem? Wrong(int? limit)
        => limit is null or (>= 1 and <= ResourceEndpoints.MostItems)
            ? null
            : Problem.Invalid([new FieldError("limit", $"must be a whole number from 1 to {ResourceEndpoints.MostItems}.")]);
}
