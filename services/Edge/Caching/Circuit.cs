namespace Gateway.Edge.Caching;

/// <summary>Leaves something alone that does not work: after a few failures in a row for a while, which grows as long as it goes on. One request at a time tries it again.</summary>
internal sealed class Circuit(TimeProvider time)
{
    private const int Failures = 3;

    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private int _failed;
    private long _restsUntil;
    private long _rest = _first.Ticks;

    /// <summary>True while it is left alone.</summary>
    public bool IsOpen => Volatile.Read(ref _restsUntil) is not 0 and var until && time.GetUtcNow().Ticks < until;

    /// <summary>Whether it may be asked now.</summary>
    public bool TryEnter()
    {
        var until = Volatile.Read(ref _restsUntil);
        if (until == 0)
        {
            return true;
        }

        // Who moves the end of the rest is the one that tries.
        var now = time.GetUtcNow().Ticks;
        return now >= until && Interlocked.CompareExchange(ref _restsUntil, now + Volatile.Read(ref _rest), until) == until;
    }

    public void Succeeded()
    {
        if (Volatile.Read(ref _failed) != 0 || Volatile.Read(ref _restsUntil) != 0)
        {
            Volatile.Write(ref _failed, 0);
            Volatile.Write(ref _restsUntil, 0);
            Volatile.Write(ref _rest, _first.Ticks);
        }
    }

    public void Failed()
    {
        if (Interlocked.Increment(ref _failed) < Failures)
        {
            return;
        }

        var rest = Volatile.Read(ref _rest);
        Volatile.Write(ref _restsUntil, time.GetUtcNow().Ticks + rest);
        Volatile.Write(ref _rest, Math.Min(rest * 2, _longest.Ticks));
    }
}
