namespace Gateway.Testing;

/// <summary>A clock that stands where the test puts it. It has no timers of its own.</summary>
internal sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    // A number, so that threads that read it while a test moves it see no half of it.
    private long _ticks = now.UtcTicks;

    public ManualTime()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public DateTimeOffset Now
    {
        get => new(Volatile.Read(ref _ticks), TimeSpan.Zero);
        set => Volatile.Write(ref _ticks, value.UtcTicks);
    }

    /// <summary>The same as records have it.</summary>
    public long Micros => (Now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);
}
