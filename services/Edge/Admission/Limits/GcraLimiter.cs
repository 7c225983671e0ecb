namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// A rate limit by the generic cell rate algorithm (ITU-T I.371): an amount per minute spread evenly, with a burst of the whole amount
/// after a quiet minute. One number of state, changed by compare-and-swap. Time is in <see cref="TimeProvider"/> timestamp ticks of
/// <see cref="TimeProvider.TimestampFrequency"/>.
/// </summary>
internal sealed class GcraLimiter
{
    private const long WindowSeconds = 60;

    private readonly TimeProvider _time;
    private readonly double _ticksPerUnit;
    private readonly long _window;
    private long _arrival;

    public GcraLimiter(long perMinute, TimeProvider time)
    {
        PerMinute = perMinute;
        _time = time;
        _window = WindowSeconds * time.TimestampFrequency;
        _ticksPerUnit = (double)_window / perMinute;
    }

    public long PerMinute { get; }

    /// <summary>Takes <paramref name="amount"/> or nothing.</summary>
    /// <param name="amount">Requests or tokens.</param>
    /// <param name="wait">How long until it could be taken, when it was refused; <see cref="Timeout.InfiniteTimeSpan"/> when the amount is larger than the whole limit.</param>
    public bool TryTake(long amount, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (amount > PerMinute)
        {
            wait = Timeout.InfiniteTimeSpan;
            return false;
        }

        var cost = (long)(amount * _ticksPerUnit);
        var now = _time.GetTimestamp();
        while (true)
        {
            var before = Volatile.Read(ref _arrival);
            var after = Math.Max(before, now) + cost;
            var excess = after - now - _window;
            if (excess > 0)
            {
                wait = TimeSpan.FromSeconds((double)excess / _time.TimestampFrequency);
                return false;
            }

            if (Interlocked.CompareExchange(ref _arrival, after, before) == before)
            {
                return true;
            }
        }
    }

    /// <summary>Corrects an amount taken before: positive gives back, negative takes more, which may delay later requests but refuses nothing now.</summary>
    public void GiveBack(long amount)
    {
        if (amount != 0)
        {
            Interlocked.Add(ref _arrival, -(long)(amount * _ticksPerUnit));
        }
    }

    /// <summary>What could be taken at this moment.</summary>
    public long Remaining
    {
        get
        {
            var now = _time.GetTimestamp();
            var used = Math.Max(Volatile.Read(ref _arrival), now) - now;
            return Math.Clamp((long)((_window - used) / _ticksPerUnit), 0, PerMinute);
        }
    }
}
