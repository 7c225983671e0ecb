using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Caching.Policies;

/// <summary>What holds for the requests of one key on one route: a cache policy with nothing left open.</summary>
internal sealed class CacheRule
{
    private CacheRule(CacheMode mode, CachePolicyEntry settings, CachePolicyEntry? route, CachePolicyEntry? key)
    {
        Mode = mode;
        Shadow = key?.Shadow ?? route?.Shadow ?? settings.Shadow ?? false;
        (Scope, SharedScope) = key?.Scope is { } ofKey ? (ofKey, key.SharedScope)
            : route?.Scope is { } ofRoute ? (ofRoute, route.SharedScope)
            : (settings.Scope ?? CacheScope.Key, settings.SharedScope);
        PerEndUser = key?.PerEndUser ?? route?.PerEndUser ?? settings.PerEndUser ?? false;
        Ttl = TimeSpan.FromSeconds(key?.TtlSeconds ?? route?.TtlSeconds ?? settings.TtlSeconds ?? 3_600);
        Stale = TimeSpan.FromSeconds(key?.StaleWhileRevalidateSeconds ?? route?.StaleWhileRevalidateSeconds ?? settings.StaleWhileRevalidateSeconds ?? 0);
        MaxEntryBytes = key?.MaxEntryBytes ?? route?.MaxEntryBytes ?? settings.MaxEntryBytes ?? 262_144;
        MaxTemperature = key?.MaxTemperature ?? route?.MaxTemperature ?? settings.MaxTemperature ?? 1;
        ToolCalls = key?.ToolCalls ?? route?.ToolCalls ?? settings.ToolCalls ?? false;
        SingleFlight = key?.SingleFlight ?? route?.SingleFlight ?? settings.SingleFlight ?? SingleFlightPolicy.LeaderPays;
        ReplayTokensPerSecond = key?.ReplayTokensPerSecond ?? route?.ReplayTokensPerSecond ?? settings.ReplayTokensPerSecond ?? 0;
        Limits = key?.Limits ?? route?.Limits ?? settings.Limits ?? CacheLimitPolicy.Requests;
        MaxWrongHitRate = (key?.MaxWrongHitPercent ?? route?.MaxWrongHitPercent ?? settings.MaxWrongHitPercent ?? 1) / 100;
        Threshold = key?.Threshold ?? route?.Threshold ?? settings.Threshold;
        SampleRate = (key?.SamplePercent ?? route?.SamplePercent ?? settings.SamplePercent ?? 1) / 100;
        Lookup = TimeSpan.FromMilliseconds(key?.LookupMs ?? route?.LookupMs ?? settings.LookupMs ?? 30);
        JudgeRoute = key?.JudgeRoute ?? route?.JudgeRoute ?? settings.JudgeRoute;
        Pii = key?.Pii ?? route?.Pii ?? settings.Pii ?? CachePiiPolicy.Store;
    }

    public CacheMode Mode { get; }

    public bool Shadow { get; }

    public CacheScope Scope { get; }

    public string? SharedScope { get; }

    public bool PerEndUser { get; }

    public TimeSpan Ttl { get; }

    /// <summary>How long after <see cref="Ttl"/> an answer is still given while a new one is fetched.</summary>
    public TimeSpan Stale { get; }

    public int MaxEntryBytes { get; }

    public double MaxTemperature { get; }

    public bool ToolCalls { get; }

    public SingleFlightPolicy SingleFlight { get; }

    /// <summary>0 for at once.</summary>
    public int ReplayTokensPerSecond { get; }

    public CacheLimitPolicy Limits { get; }

    public double MaxWrongHitRate { get; }

    public double? Threshold { get; }

    public double SampleRate { get; }

    public TimeSpan Lookup { get; }

    /// <summary>The route of the judge; null for none.</summary>
    public string? JudgeRoute { get; }

    public CachePiiPolicy Pii { get; }

    /// <summary>The rule of a key on a route, or null where nothing is cached.</summary>
    /// <param name="settings">What holds for all.</param>
    /// <param name="route">The route's policy, or null.</param>
    /// <param name="key">The key's policy, or null.</param>
    public static CacheRule? Of(GatewaySettings settings, CachePolicyEntry? route, CachePolicyEntry? key)
    {
        var mode = route?.Mode == CacheMode.Off || key?.Mode == CacheMode.Off ? CacheMode.Off : key?.Mode ?? route?.Mode ?? settings.Cache;
        if (mode is not (CacheMode.Exact or CacheMode.Semantic))
        {
            return null;
        }

        var rule = new CacheRule(mode, settings.CachePolicy, route, key);
        // A scope that is not switched on (any more) is none: not one that is wider than was meant.
        return rule.Scope == CacheScope.Shared && (rule.SharedScope is not { } name || !settings.CacheStorage.SharedScopes.Contains(name)) ? null : rule;
    }
}
