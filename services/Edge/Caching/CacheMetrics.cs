using System.Diagnostics.Metrics;
using Gateway.Contracts.Cache;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Caching;

/// <summary>What the cache counts.</summary>
internal sealed class CacheMetrics : IDisposable
{
    private readonly Meter _meter = new(EdgeMetrics.MeterName);
    private readonly Counter<long> _requests;
    private readonly Counter<double> _saved;
    private readonly Counter<long> _savedTokens;
    private readonly Counter<long> _would;
    private readonly Counter<long> _notStored;
    private readonly Counter<long> _overflow;
    private readonly Counter<long> _unavailable;
    private readonly Counter<long> _revalidations;
    private readonly long[] _counts = new long[Enum.GetValues<CacheResult>().Length];
    private readonly MemoryStore _memory;
    private long _savedNanoUsd;

    public CacheMetrics(MemoryStore memory)
    {
        _memory = memory;
        _requests = _meter.CreateCounter<long>("gateway.cache.requests", "{request}", "Requests under a cache policy, by result and, for those it was kept out of, the reason.");
        _saved = _meter.CreateCounter<double>("gateway.cache.saved", "usd", "What answers from the cache cost when they were made, in US dollars.");
        _savedTokens = _meter.CreateCounter<long>("gateway.cache.saved_tokens", "{token}", "Tokens of answers from the cache.");
        _would = _meter.CreateCounter<long>("gateway.cache.would_hit", "{request}", "Requests in shadow mode that would have been hits, by result.");
        _notStored = _meter.CreateCounter<long>("gateway.cache.not_stored", "{answer}", "Answers that were not stored, by reason.");
        _overflow = _meter.CreateCounter<long>("gateway.cache.overflow", "{item}", "Look-ups and answers that the cache service had no time for, and work left out because the queue was full, by part.");
        _unavailable = _meter.CreateCounter<long>("gateway.cache.unavailable", "{call}", "Look-ups that Redis or the cache service did not answer, by part.");
        _revalidations = _meter.CreateCounter<long>("gateway.cache.background_calls", "{call}", "Calls made in the background, by purpose and result.");
        _meter.CreateObservableGauge("gateway.cache.memory.bytes", () => memory.Bytes, "By", "Bytes of answers in this edge's memory.");
        _meter.CreateObservableGauge("gateway.cache.memory.entries", () => memory.Count, "{answer}", "Answers in this edge's memory.");
        _meter.CreateObservableCounter("gateway.cache.memory.evicted", () => memory.Evicted, "{answer}", "Answers that went for want of room.");
    }

    public long SavedNanoUsd => Interlocked.Read(ref _savedNanoUsd);

    public long CountOf(CacheResult result) => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>What governance is told.</summary>
    public EdgeCacheReport? Report() => new()
    {
        Entries = _memory.Count,
        Bytes = _memory.Bytes,
        Evicted = _memory.Evicted,
        HitsExact = CountOf(CacheResult.HitExact),
        HitsSemantic = CountOf(CacheResult.HitSemantic),
        Shared = CountOf(CacheResult.Shared),
        Misses = CountOf(CacheResult.Miss),
        Bypassed = CountOf(CacheResult.Bypass),
        SavedNanoUsd = SavedNanoUsd,
    };

    public void Count(RequestContext context, CacheFacts facts)
    {
        Interlocked.Increment(ref _counts[(int)facts.Outcome]);
        if (facts.SavedNanoUsd != 0)
        {
            Interlocked.Add(ref _savedNanoUsd, facts.SavedNanoUsd);
            _saved.Add(facts.SavedNanoUsd / 1e9);
        }

        if (_requests.Enabled)
        {
            _requests.Add(1, new("operation", context.Operation.Name), new("result", CacheFacts.NameOf(facts.Outcome)), new KeyValuePair<string, object?>("reason", facts.Reason ?? ""));
        }

        if (facts.IsAnswered)
        {
            _savedTokens.Add(facts.SavedTokens.Total);
        }

        if (facts.WouldBe is { } would)
        {
            _would.Add(1, new KeyValuePair<string, object?>("result", CacheFacts.NameOf(would)));
        }
    }

    public void CountNotStored(string reason) => _notStored.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void CountOverflow(string part) => _overflow.Add(1, new KeyValuePair<string, object?>("part", part));

    public void CountUnavailable(string part) => _unavailable.Add(1, new KeyValuePair<string, object?>("part", part));

    public void CountBackground(string purpose, string result) => _revalidations.Add(1, new("purpose", purpose), new KeyValuePair<string, object?>("result", result));

    public void Dispose() => _meter.Dispose();
}
