using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Caching.Policies;

namespace Gateway.Edge.Caching.Semantic;

/// <summary>What the cache service is told of the policy that a look-up is made under.</summary>
internal static class LookupPolicy
{
    public static CacheMatchPolicy Of(CacheRule rule, GatewaySettings settings) => new()
    {
        Mode = rule.Shadow ? CacheMatchMode.Shadow : rule.Threshold is null ? CacheMatchMode.Learned : CacheMatchMode.Threshold,
        MaxWrongHitRate = Math.Clamp(rule.MaxWrongHitRate, 0.0001, 0.2),
        Threshold = rule.Threshold ?? 0.95,
        ShadowRate = rule.SampleRate,
        ShadowPerHour = settings.CacheStorage.SamplesPerMinute * 60,
    };
}
