using Gateway.Contracts.Cache;
using Gateway.SemanticMatching.Learning;

namespace Gateway.SemanticCache.Deciding;

/// <summary>A domain's evidence with what surrounds it. All of it is done under its lock.</summary>
internal sealed class Domain(string id)
{
    private const int NearMissesKept = 50;
    private const int MeasuredEarly = 50;
    private const int EarlyFactor = 5;

    private readonly Lock _gate = new();
    private readonly DomainEvidence _evidence = new();
    private readonly Queue<CacheNearMiss> _nearMisses = new();
    private long _hour;
    private int _sampledThisHour;

    public string Id => id;

    public string? Name { get; set; }

    public long LastUsed { get; set; }

    public bool IsDirty { get; set; }

    public T With<T>(Func<DomainEvidence, T> use)
    {
        lock (_gate)
        {
            IsDirty = true;
            return use(_evidence);
        }
    }

    public void With(Action<DomainEvidence> use)
    {
        lock (_gate)
        {
            IsDirty = true;
            use(_evidence);
        }
    }

    /// <summary>Draws whether a hit is compared with a fresh answer: by its share, more often at first, and never more than an hour's budget.</summary>
    public bool Draw(CacheMatchPolicy policy, long unixSeconds)
    {
        lock (_gate)
        {
            var hour = unixSeconds / 3600;
            (_hour, _sampledThisHour) = hour == _hour ? (_hour, _sampledThisHour) : (hour, 0);
            var rate = _evidence.Estimate.Samples < MeasuredEarly ? Math.Min(1, policy.ShadowRate * EarlyFactor) : policy.ShadowRate;
            if (_sampledThisHour >= policy.ShadowPerHour || Random.Shared.NextDouble() >= rate)
            {
                return false;
            }

            _sampledThisHour++;
            return true;
        }
    }

    public void NearMiss(CacheNearMiss miss)
    {
        lock (_gate)
        {
            _nearMisses.Enqueue(miss);
            if (_nearMisses.Count > NearMissesKept)
            {
                _nearMisses.Dequeue();
            }
        }
    }

    public void ForgetNearMisses()
    {
        lock (_gate)
        {
            _nearMisses.Clear();
        }
    }

    public IReadOnlyList<CacheNearMiss> NearMisses()
    {
        lock (_gate)
        {
            return [.. _nearMisses.Reverse()];
        }
    }

    public CacheDomainStats Stats()
    {
        lock (_gate)
        {
            return new CacheDomainStats
            {
                Domain = id,
                Name = Name,
                Lookups = _evidence.Lookups,
                Hits = _evidence.Hits,
                Observations = _evidence.Observations,
                MaxWrongHitRate = _evidence.Bound,
                Threshold = _evidence.Threshold,
                OverBound = _evidence.OverBound,
                WrongHits = View(_evidence.Estimate),
            };
        }
    }

    internal static CacheErrorEstimate View(ErrorEstimate estimate) => new()
    {
        Samples = estimate.Samples,
        Wrong = estimate.Wrong,
        Rate = estimate.Rate,
        Low = estimate.Low,
        High = estimate.High,
    };
}
