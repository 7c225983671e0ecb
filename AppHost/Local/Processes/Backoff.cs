namespace Gateway.AppHost.Local.Processes;

/// <summary>How long to wait before a crashed process is started again: 0.5 s, doubling up to 30 s, from the beginning after 60 s of health.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _forgiven = TimeSpan.FromSeconds(60);
    private TimeSpan _next = _first;
    private long? _healthySince;

    /// <summary>The process answers.</summary>
    public void Healthy() => _healthySince = time.GetTimestamp();

    /// <summary>The process ended: how long to wait now.</summary>
    public TimeSpan Next()
    {
        if (_healthySince is { } since && time.GetElapsedTime(since) >= _forgiven)
        {
            _next = _first;
        }

        _healthySince = null;
        var wait = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, _longest.Ticks));
        return wait;
    }
}
