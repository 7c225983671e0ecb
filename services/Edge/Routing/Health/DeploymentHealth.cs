using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Routing.Health;

/// <summary>
/// How one deployment fares: calls under way, speed, circuit breaker and rests. After a rest or an open circuit a few calls are let through to try it; their
/// success lets everything through again, and a failure makes it rest for longer.
/// </summary>
internal sealed class DeploymentHealth(RoutingState state, TimeProvider time)
{
    private const int MostDoublings = 6;

    private readonly Lock _lock = new();
    private readonly FailureWindow _window = new();
    private readonly LatencyTracker _streamed = new();
    private readonly LatencyTracker _plain = new();
    private long _restsUntil;
    private string _reason = "";
    private int _inFlight;
    private int _inRow;
    private int _rests;
    private int _probes;
    private int _goodProbes;
    private bool _soft;
    private ToldRest? _told;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>When its rest ends; default when it does not rest. After the end it stays until a call has succeeded.</summary>
    public DateTimeOffset RestsUntil => new(Volatile.Read(ref _restsUntil), TimeSpan.Zero);

    /// <summary>True when it rests only because calls failed in a row: where nothing else answers, trying it costs nothing.</summary>
    public bool IsLastResort => Volatile.Read(ref _restsUntil) != 0 ? Volatile.Read(ref _soft) : Volatile.Read(ref _told) is { Soft: true };

    /// <summary>Why it rests, or an empty text.</summary>
    public string Reason => Volatile.Read(ref _reason);

    private HealthSettings Settings => state.Settings;

    public double? FirstTokenMs
    {
        get
        {
            lock (_lock)
            {
                return _streamed.Average(NowMs) ?? _plain.Average(NowMs);
            }
        }
    }

    public double? Percentile(int percent, bool streamed)
    {
        lock (_lock)
        {
            return (streamed ? _streamed : _plain).Percentile(percent);
        }
    }

    /// <summary>Why it may not be called at the moment, or null.</summary>
    public string? Unavailable(out DateTimeOffset? until)
    {
        until = null;
        if (Volatile.Read(ref _restsUntil) != 0)
        {
            return UnavailableSlow(out until);
        }

        if (Volatile.Read(ref _told) is not { } told || told.Until <= time.GetUtcNow())
        {
            return null;
        }

        until = told.Until;
        return told.Reason;
    }

    /// <summary>Counts a call in, unless it may not be made.</summary>
    /// <param name="probe">True when it is one of the calls that try a deployment again.</param>
    public bool TryBegin(out bool probe)
    {
        probe = false;
        if (Volatile.Read(ref _restsUntil) != 0)
        {
            lock (_lock)
            {
                if (_restsUntil != 0)
                {
                    if (!_soft && IsBlocked_NeedsLock())
                    {
                        return false;
                    }

                    _probes++;
                    probe = true;
                }
            }
        }

        Interlocked.Increment(ref _inFlight);
        return true;
    }

    /// <summary>Counts a call out. Its result is told apart by one of the methods below, or not at all when it says nothing about the deployment.</summary>
    public void End(bool probe)
    {
        Interlocked.Decrement(ref _inFlight);
        if (probe)
        {
            lock (_lock)
            {
                _probes = Math.Max(0, _probes - 1);
            }
        }
    }

    public void Succeeded(double milliseconds, bool streamed, bool probe)
    {
        lock (_lock)
        {
            (streamed ? _streamed : _plain).Add(milliseconds, NowMs);
            _window.Add(failed: false, NowMs, Settings.BreakerWindowMs);
            _inRow = 0;
            if (_restsUntil != 0 && probe && ++_goodProbes >= Settings.BreakerProbes)
            {
                Recover_NeedsLock();
            }
        }
    }

    /// <summary>A failure of the deployment itself.</summary>
    /// <param name="reason">What happened, short.</param>
    /// <param name="wait">How long the provider asks to be left alone, or null.</param>
    /// <param name="probe">Whether the call was to try it again.</param>
    public void Failed(string reason, TimeSpan? wait, bool probe)
    {
        lock (_lock)
        {
            _window.Add(failed: true, NowMs, Settings.BreakerWindowMs);
            _inRow++;
            if (wait is { } asked && asked > TimeSpan.Zero)
            {
                Rest_NeedsLock(asked, $"{reason}; it asked to wait", soft: false);
            }
            else if ((_restsUntil == 0 || _soft) && _window.Calls >= Settings.BreakerMinimumCalls && _window.Failures * 100 >= _window.Calls * Settings.BreakerFailurePercent)
            {
                Rest_NeedsLock(TimeSpan.FromMilliseconds(Settings.BreakerOpenMs), $"circuit open: {_window.Failures} of {_window.Calls} calls failed, the last: {reason}", soft: false);
            }
            else if (_restsUntil != 0)
            {
                if (probe)
                {
                    Rest_NeedsLock(Doubled(Settings.CooldownMs), $"{reason} when tried again", _soft);
                }
            }
            else if (_inRow >= Settings.CooldownAfter)
            {
                Rest_NeedsLock(Doubled(Settings.CooldownMs), $"{_inRow} failures in a row, the last: {reason}", soft: true);
            }
        }
    }

    /// <summary>Takes over what other edges say of it at the moment; null when they say nothing. It is never reported as this edge's own finding.</summary>
    public void Tell(ToldRest? told) => Volatile.Write(ref _told, told);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private TimeSpan Doubled(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds * (double)(1 << Math.Min(_rests, MostDoublings)));

    private void Rest_NeedsLock(TimeSpan length, string reason, bool soft)
    {
        var bounded = length.TotalMilliseconds < Settings.MaxCooldownMs ? length : TimeSpan.FromMilliseconds(Settings.MaxCooldownMs);
        (_reason, _goodProbes) = (reason, 0);
        Volatile.Write(ref _soft, soft);
        _rests++;
        Volatile.Write(ref _restsUntil, time.GetUtcNow().Add(bounded).UtcTicks);
        state.Changed();
    }

    private void Recover_NeedsLock()
    {
        (_rests, _goodProbes, _reason) = (0, 0, "");
        _window.Clear();
        Volatile.Write(ref _soft, false);
        Volatile.Write(ref _restsUntil, 0);
        state.Changed();
    }

    private bool IsBlocked_NeedsLock() => time.GetUtcNow().UtcTicks < _restsUntil || _probes >= Settings.BreakerProbes;

    private string? UnavailableSlow(out DateTimeOffset? until)
    {
        lock (_lock)
        {
            until = null;
            if (_restsUntil == 0 || !IsBlocked_NeedsLock())
            {
                return null;
            }

            if (time.GetUtcNow().UtcTicks >= _restsUntil)
            {
                until = time.GetUtcNow().AddSeconds(1);
                return $"being tried again after: {_reason}";
            }

            until = new DateTimeOffset(_restsUntil, TimeSpan.Zero);
            return $"resting: {_reason}";
        }
    }
}

/// <summary>A rest of a deployment that another edge reports.</summary>
internal sealed record ToldRest(DateTimeOffset Until, string Reason, bool Soft);
