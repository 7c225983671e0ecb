using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Caching.Policies;

/// <summary>The cache policies of one configuration, each worked out when it is first needed.</summary>
internal sealed class CachePlan(GatewaySettings settings)
{
    // Keys with policies of their own may be many: beyond it a rule is made for each request.
    private const int MostRules = 10_000;

    private readonly CacheRule? _default = CacheRule.Of(settings, null, null);
    private readonly ConcurrentDictionary<Pair, CacheRule?> _rules = new();

    /// <summary>The rule of a key on a route, or null where nothing is cached.</summary>
    public CacheRule? Find(CachePolicyEntry? route, CachePolicyEntry? key) => route is null && key is null ? _default : FindOwn(new Pair(route, key));

    private CacheRule? FindOwn(Pair pair)
    {
        if (_rules.TryGetValue(pair, out var known))
        {
            return known;
        }

        var rule = CacheRule.Of(settings, pair.Route, pair.Key);
        if (_rules.Count < MostRules)
        {
            _rules.TryAdd(pair, rule);
        }

        return rule;
    }

    // By reference: entries that did not change are the same objects.
    private readonly struct Pair(CachePolicyEntry? route, CachePolicyEntry? key) : IEquatable<Pair>
    {
        public CachePolicyEntry? Route { get; } = route;

        public CachePolicyEntry? Key { get; } = key;

        public bool Equals(Pair other) => ReferenceEquals(Route, other.Route) && ReferenceEquals(Key, other.Key);

        public override bool Equals(object? obj) => obj is Pair other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(Route is null ? 0 : RuntimeHelpers.GetHashCode(Route), Key is null ? 0 : RuntimeHelpers.GetHashCode(Key));
    }
}
