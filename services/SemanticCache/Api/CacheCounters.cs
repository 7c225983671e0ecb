using System.Diagnostics.Metrics;
using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Api;

/// <summary>Counts look-ups for <c>/metrics</c> and <c>/v1/stats</c>.</summary>
internal sealed class CacheCounters
{
    private readonly Counter<long> lookups;
    private long bypassed;

    public CacheCounters(IMeterFactory meters)
        => lookups = meters.Create("Gateway.SemanticCache").CreateCounter<long>("gateway.cache.lookups", "{lookup}", "Look-ups by outcome.");

    public CacheStats Stats => new() { Entries = 0, Hits = 0, Misses = 0, Bypassed = Interlocked.Read(ref bypassed), Stored = 0 };

    public void Bypassed()
    {
        Interlocked.Increment(ref bypassed);
        lookups.Add(1, new KeyValuePair<string, object?>("outcome", "bypass"));
    }
}
