namespace Gateway.Contracts.Configuration;

/// <summary>What a cache policy must be, for whoever takes one: file, admin API and edge.</summary>
public static class CachePolicyCheck
{
    /// <summary>Longest name of a shared scope.</summary>
    public const int ScopeLength = 64;

    /// <summary>What is wrong with a policy, by field.</summary>
    /// <param name="entry">The policy.</param>
    /// <param name="sharedScopes">The shared scopes that are switched on.</param>
    public static IEnumerable<(string Field, string Message)> Problems(CachePolicyEntry entry, IReadOnlyList<string> sharedScopes)
    {
        if (entry.Scope == CacheScope.Shared && string.IsNullOrEmpty(entry.SharedScope))
        {
            yield return ("sharedScope", "is required with the scope 'shared'.");
        }

        if (entry.SharedScope is { Length: > 0 } name)
        {
            if (entry.Scope != CacheScope.Shared)
            {
                yield return ("sharedScope", "goes with the scope 'shared' only.");
            }
            else if (!sharedScopes.Contains(name))
            {
                yield return ("sharedScope", $"names the shared scope '{name}', which is not switched on: list it in settings.cacheStorage.sharedScopes.");
            }
        }

        foreach (var problem in Ranges(entry))
        {
            yield return problem;
        }
    }

    /// <summary>What is wrong with the name of a shared scope, or null.</summary>
    public static string? ScopeProblem(string name) =>
        name.Length is 0 or > ScopeLength || name.Any(static c => !(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            ? $"must be 1 to {ScopeLength} letters, digits, - _ and ."
            : null;

    private static IEnumerable<(string, string)> Ranges(CachePolicyEntry e)
    {
        (string Field, double? Value, double Least, double Most)[] figures =
        [
            ("ttlSeconds", e.TtlSeconds, 1, 2_592_000), ("staleWhileRevalidateSeconds", e.StaleWhileRevalidateSeconds, 0, 604_800), ("maxEntryBytes", e.MaxEntryBytes, 1_024, 16_777_216),
            ("maxTemperature", e.MaxTemperature, 0, 2), ("replayTokensPerSecond", e.ReplayTokensPerSecond, 0, 10_000), ("maxWrongHitPercent", e.MaxWrongHitPercent, 0.01, 50),
            ("threshold", e.Threshold, 0.5, 1), ("samplePercent", e.SamplePercent, 0, 100), ("lookupMs", e.LookupMs, 1, 1_000),
        ];
        return figures.Where(static f => f.Value is { } value && !(value >= f.Least && value <= f.Most))
            .Select(static f => (f.Field, FormattableString.Invariant($"must be from {f.Least} to {f.Most}.")));
    }
}
