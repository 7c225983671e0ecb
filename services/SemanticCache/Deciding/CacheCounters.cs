using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Deciding;

/// <summary>Counts for <c>/metrics</c> and <c>/v1/stats</c>.</summary>
internal sealed class CacheCounters
{
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _stores;
    private readonly Counter<double> _saved;
    private readonly Counter<long> _embedded;
    private readonly Counter<long> _observations;
    private readonly Histogram<double> _duration;
    private readonly ConcurrentDictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private readonly long[] _outcomes = new long[5];
    private long _stored;
    private long _savedNano;
    private long _texts;
    private long _wouldHit;

    public CacheCounters(IMeterFactory meters, EvidenceBook book)
    {
        var meter = meters.Create("Gateway.SemanticCache");
        _lookups = meter.CreateCounter<long>("gateway.cache.lookups", "{lookup}", "Look-ups by outcome.");
        _stores = meter.CreateCounter<long>("gateway.cache.stores", "{answer}", "Answers offered, by whether they were stored.");
        _saved = meter.CreateCounter<double>("gateway.cache.service.saved", "usd", "Cost of the answers that hits of the cache service made unnecessary, in US dollars.");
        _embedded = meter.CreateCounter<long>("gateway.cache.embedded", "{text}", "Texts embedded.");
        _observations = meter.CreateCounter<long>("gateway.cache.observations", "{outcome}", "Stored answers compared with fresh ones, by result.");
        _duration = meter.CreateHistogram<double>("gateway.cache.lookup.duration", "s", "Time of look-ups.");
        meter.CreateObservableGauge("gateway.cache.wrong_hit_rate", () => Estimates(book), "1", "Wrong hits per look-up, measured on sampled hits, over all domains: rate, and the ends of its 95 % confidence interval.");
        meter.CreateObservableGauge("gateway.cache.domains_over_bound", () => book.Domains.Count(static d => d.Stats().OverBound), "{domain}", "Domains that match exactly only, because their measured rate of wrong hits is over the bound.");
    }

    public long Texts => Interlocked.Read(ref _texts);

    public void Looked(CacheLookupResponse answer, TimeSpan took, long costNano)
    {
        Interlocked.Increment(ref _outcomes[(int)answer.Outcome]);
        if (answer.Reason is { } reason)
        {
            _reasons.AddOrUpdate(reason, 1, static (_, n) => n + 1);
        }

        if (answer.Outcome == CacheOutcome.Hit)
        {
            Interlocked.Add(ref _savedNano, costNano);
            _saved.Add(costNano / 1e9);
        }

        if (answer.WouldHit)
        {
            Interlocked.Increment(ref _wouldHit);
        }

        _lookups.Add(1, new KeyValuePair<string, object?>("outcome", Name(answer.Outcome)));
        _duration.Record(took.TotalSeconds);
    }

    public void Embedded()
    {
        Interlocked.Increment(ref _texts);
        _embedded.Add(1);
    }

    public void Stored(bool stored)
    {
        if (stored)
        {
            Interlocked.Increment(ref _stored);
        }

        _stores.Add(1, new KeyValuePair<string, object?>("outcome", stored ? "stored" : "refused"));
    }

    public void Observed(bool right) => _observations.Add(1, new KeyValuePair<string, object?>("result", right ? "right" : "wrong"));

    public CacheStats Stats(EvidenceBook book) => new()
    {
        Entries = 0,
        Hits = Of(CacheOutcome.Hit),
        Misses = Of(CacheOutcome.Miss),
        Uncertain = Of(CacheOutcome.Uncertain),
        Bypassed = Of(CacheOutcome.Bypass),
        Stored = Interlocked.Read(ref _stored),
        Embedded = Texts,
        WouldHit = Interlocked.Read(ref _wouldHit),
        SavedNano = Interlocked.Read(ref _savedNano),
        Reasons = _reasons.ToDictionary(StringComparer.Ordinal),
        WrongHits = All(book),
    };

    /// <summary>All domains together: each measured share of wrong hits weighs by the domain's hits.</summary>
    internal static CacheErrorEstimate All(EvidenceBook book)
    {
        var domains = book.Domains.Select(static d => d.Stats()).ToList();
        var lookups = domains.Sum(static d => d.Lookups);
        return new CacheErrorEstimate
        {
            Samples = domains.Sum(static d => d.WrongHits.Samples),
            Wrong = domains.Sum(static d => d.WrongHits.Wrong),
            Rate = Mean(static d => d.WrongHits.Rate),
            Low = Mean(static d => d.WrongHits.Low),
            High = Mean(static d => d.WrongHits.High),
        };

        double Mean(Func<CacheDomainStats, double> of) => lookups == 0 ? 0 : domains.Sum(d => of(d) * d.Lookups) / lookups;
    }

    private static IEnumerable<Measurement<double>> Estimates(EvidenceBook book)
    {
        var all = All(book);
        return
        [
            new(all.Rate, new KeyValuePair<string, object?>("end", "rate")),
            new(all.Low, new KeyValuePair<string, object?>("end", "low")),
            new(all.High, new KeyValuePair<string, object?>("end", "high")),
        ];
    }

    private static string Name(CacheOutcome outcome) => outcome switch
    {
        CacheOutcome.Hit => "hit",
        CacheOutcome.Miss => "miss",
        CacheOutcome.Uncertain => "uncertain",
        _ => "bypass",
    };

    private long Of(CacheOutcome outcome) => Interlocked.Read(ref _outcomes[(int)outcome]);
}
