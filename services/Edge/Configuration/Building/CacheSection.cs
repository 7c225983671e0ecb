using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Yaml;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads cache policies, and where answers are kept.</summary>
internal static class CacheSection
{
    public static CacheStorageSettings ReadStorage(SectionReader settings, BuildContext context)
    {
        var section = settings.Section("cacheStorage");
        var scopes = section.Texts("sharedScopes");
        foreach (var scope in scopes)
        {
            if (CachePolicyCheck.ScopeProblem(scope.Text) is { } problem)
            {
                context.Error(scope, $"'{scope.Text}' {problem}");
            }
        }

        return new CacheStorageSettings
        {
            MemoryBytes = section.Integer("memoryBytes") ?? new CacheStorageSettings().MemoryBytes,
            Redis = section.Flag("redis"),
            RedisTimeoutMs = section.Int("redisTimeoutMs"),
            Encrypt = section.Flag("encrypt"),
            SharedScopes = scopes.Count == 0 ? new CacheStorageSettings().SharedScopes : [.. scopes.Select(static s => s.Text).Distinct(StringComparer.Ordinal)],
            SamplesPerMinute = section.Int("samplesPerMinute"),
        };
    }

    /// <summary>The policy of a route or key; null when it has none.</summary>
    public static CachePolicyEntry? ReadPolicy(SectionReader owner, BuildContext context, IReadOnlyList<string> sharedScopes) =>
        owner.Has("cache") ? Read(owner.Section("cache"), context, sharedScopes, hasMode: true) : null;

    /// <summary>The policy of the settings.</summary>
    public static CachePolicyEntry ReadDefaults(SectionReader settings, BuildContext context, IReadOnlyList<string> sharedScopes) =>
        settings.Has("cachePolicy") ? Read(settings.Section("cachePolicy"), context, sharedScopes, hasMode: false) : new CachePolicyEntry();

    /// <summary>The names of shared scopes, for what is read before the settings are.</summary>
    public static IReadOnlyList<string> SharedScopes(ConfigNode? root) =>
        Member(Member(Member(root, "settings"), "cacheStorage"), "sharedScopes") is SequenceNode list ? [.. list.Items.OfType<ScalarNode>().Select(static s => s.Text)] : [];

    private static ConfigNode? Member(ConfigNode? node, string key) => (node as MappingNode)?.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value;

    private static CachePolicyEntry Read(SectionReader section, BuildContext context, IReadOnlyList<string> sharedScopes, bool hasMode)
    {
        var entry = new CachePolicyEntry
        {
            Mode = hasMode ? Choice<CacheMode>(section, "mode") : null,
            Shadow = Flag(section, "shadow"),
            Scope = Choice<CacheScope>(section, "scope"),
            SharedScope = section.Text("sharedScope")?.Text,
            PerEndUser = Flag(section, "perEndUser"),
            TtlSeconds = Whole(section, "ttlSeconds"),
            StaleWhileRevalidateSeconds = Whole(section, "staleWhileRevalidateSeconds"),
            MaxEntryBytes = Whole(section, "maxEntryBytes"),
            MaxTemperature = Number(section, "maxTemperature"),
            ToolCalls = Flag(section, "toolCalls"),
            SingleFlight = Choice<SingleFlightPolicy>(section, "singleFlight"),
            ReplayTokensPerSecond = Whole(section, "replayTokensPerSecond"),
            Limits = Choice<CacheLimitPolicy>(section, "limits"),
            MaxWrongHitPercent = Number(section, "maxWrongHitPercent"),
            Threshold = Number(section, "threshold"),
            SamplePercent = Number(section, "samplePercent"),
            JudgeRoute = section.Text("judgeRoute")?.Text,
            LookupMs = Whole(section, "lookupMs"),
            Pii = Choice<CachePiiPolicy>(section, "pii"),
        };
        foreach (var (field, message) in CachePolicyCheck.Problems(entry, sharedScopes))
        {
            context.Error(section.Join(field), section.PlaceOf(field), $"'{field}' {message}");
        }

        return entry;
    }

    private static T? Choice<T>(SectionReader section, string key)
        where T : struct, Enum => section.Has(key) ? (T)(object)(section.Choice(key) + 1) : null;

    private static bool? Flag(SectionReader section, string key) => section.Has(key) ? section.Flag(key) : null;

    private static int? Whole(SectionReader section, string key) => section.Has(key) ? (int?)section.Integer(key) : null;

    private static double? Number(SectionReader section, string key) => section.Has(key) ? (double?)section.Amount(key) : null;
}
