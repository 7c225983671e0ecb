using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Caching;

/// <summary>Reads cache policies, and where answers are kept.</summary>
internal static class CacheFields
{
    private const int MostScopes = 100;
    private const int MostRouteChars = 256;

    /// <summary>The policy of a route or key; null when it has none.</summary>
    public static CachePolicyEntry? Policy(ObjectReader owner) => owner.Nested("cache") is { } nested ? Read(nested, hasMode: true) : null;

    /// <summary>The policy of the settings.</summary>
    public static CachePolicyEntry Defaults(ObjectReader settings) => settings.Nested("cachePolicy") is { } nested ? Read(nested, hasMode: false) : new CachePolicyEntry();

    public static CacheStorageSettings Storage(ObjectReader settings)
    {
        var defaults = new CacheStorageSettings();
        if (settings.Nested("cacheStorage") is not { } reader)
        {
            return defaults;
        }

        var storage = new CacheStorageSettings
        {
            MemoryBytes = reader.Integer("memoryBytes", 1_048_576, 17_179_869_184L) ?? defaults.MemoryBytes,
            Redis = reader.Boolean("redis", defaults.Redis),
            RedisTimeoutMs = reader.Integer("redisTimeoutMs", 1, 1_000, defaults.RedisTimeoutMs),
            Encrypt = reader.Boolean("encrypt", defaults.Encrypt),
            SharedScopes = [.. reader.Texts("sharedScopes", MostScopes, CachePolicyCheck.ScopeLength, CachePolicyCheck.ScopeProblem).Distinct(StringComparer.Ordinal)],
            SamplesPerMinute = reader.Integer("samplesPerMinute", 0, 1_000, defaults.SamplesPerMinute),
        };
        reader.Close();
        return storage;
    }

    /// <summary>Checks what a policy is by itself and what it names.</summary>
    /// <param name="field">Where it stands.</param>
    /// <param name="entry">The policy, or null.</param>
    /// <param name="sharedScopes">The shared scopes that are switched on.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void Check(string field, CachePolicyEntry? entry, IReadOnlyList<string> sharedScopes, FieldErrors errors)
    {
        foreach (var (name, message) in entry is null ? [] : CachePolicyCheck.Problems(entry, sharedScopes))
        {
            errors.Add($"{field}.{name}", message);
        }
    }

    private static CachePolicyEntry Read(ObjectReader reader, bool hasMode)
    {
        var entry = new CachePolicyEntry
        {
            Mode = hasMode ? reader.Choice<CacheMode>("mode") : null,
            Shadow = Flag(reader, "shadow"),
            Scope = reader.Choice<CacheScope>("scope"),
            SharedScope = reader.Text("sharedScope", required: false, CachePolicyCheck.ScopeLength, CachePolicyCheck.ScopeProblem) is { Length: > 0 } name ? name : null,
            PerEndUser = Flag(reader, "perEndUser"),
            TtlSeconds = (int?)reader.Integer("ttlSeconds", 1, 2_592_000L),
            StaleWhileRevalidateSeconds = (int?)reader.Integer("staleWhileRevalidateSeconds", 0, 604_800L),
            MaxEntryBytes = (int?)reader.Integer("maxEntryBytes", 1_024, 16_777_216L),
            MaxTemperature = reader.Number("maxTemperature", 0, 2),
            ToolCalls = Flag(reader, "toolCalls"),
            SingleFlight = reader.Choice<SingleFlightPolicy>("singleFlight"),
            ReplayTokensPerSecond = (int?)reader.Integer("replayTokensPerSecond", 0, 10_000L),
            Limits = reader.Choice<CacheLimitPolicy>("limits"),
            MaxWrongHitPercent = reader.Number("maxWrongHitPercent", 0.01, 50),
            Threshold = reader.Number("threshold", 0.5, 1),
            SamplePercent = reader.Number("samplePercent", 0, 100),
            JudgeRoute = reader.Text("judgeRoute", required: false, MostRouteChars) is { Length: > 0 } judge ? judge : null,
            LookupMs = (int?)reader.Integer("lookupMs", 1, 1_000L),
            Pii = reader.Choice<CachePiiPolicy>("pii"),
        };
        reader.Close();
        return entry;
    }

    private static bool? Flag(ObjectReader reader, string name)
    {
        var value = reader.Boolean(name, false);
        return reader.Has(name) ? value : null;
    }
}
