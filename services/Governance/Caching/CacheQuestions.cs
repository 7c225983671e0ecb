using Gateway.Contracts.Cache;
using Gateway.Governance.Api;

namespace Gateway.Governance.Caching;

/// <summary>Reads what is asked of the semantic cache, and which entry is meant by an id.</summary>
internal static class CacheQuestions
{
    private const int MostText = 32 * 1024;
    private const long MostBytes = 512 * 1024;

    private static readonly (string Name, CacheMatchMode Mode)[] Modes =
        [("learned", CacheMatchMode.Learned), ("verified", CacheMatchMode.Verified), ("threshold", CacheMatchMode.Threshold), ("shadow", CacheMatchMode.Shadow)];

    /// <summary>The body of a question why two texts match.</summary>
    public static async Task<(CacheExplainRequest? Question, Problem? Refused)> ReadAsync(HttpContext context)
    {
        var (body, refused) = await RequestBody.ReadAsync(context, MostBytes).ConfigureAwait(false);
        if (refused is not null)
        {
            return (null, refused);
        }

        var errors = new FieldErrors();
        var reader = new ObjectReader(body, "", errors);
        var (a, b) = (reader.Document("textA", MostText, static _ => null), reader.Document("textB", MostText, static _ => null));
        var policy = new CacheMatchPolicy();
        if (reader.Nested("policy") is { } nested)
        {
            var mode = nested.Text("mode", required: false, 20, static m => Array.Exists(Modes, k => k.Name == m) ? null : $"must be one of {string.Join(", ", Modes.Select(static k => k.Name))}.");
            policy = new CacheMatchPolicy
            {
                Mode = Array.Find(Modes, k => k.Name == mode) is { Name: not null } known ? known.Mode : policy.Mode,
                MaxWrongHitRate = nested.Number("maxWrongHitRate", 0.0001, 0.2) ?? policy.MaxWrongHitRate,
                Threshold = nested.Number("threshold", 0.5, 1) ?? policy.Threshold,
            };
            nested.Close();
        }

        var domain = reader.Text("domain", required: false, 64, static _ => null);
        reader.Close();
        foreach (var (name, text) in new[] { ("textA", a), ("textB", b) })
        {
            if (text is null && !reader.Has(name))
            {
                errors.Add(name, "is required.");
            }
        }

        return errors.Any
            ? (null, Problem.Invalid(errors.All))
            : (new CacheExplainRequest { TextA = a ?? "", TextB = b ?? "", Policy = policy, Domain = domain is { Length: > 0 } ? domain : null }, null);
    }
}
