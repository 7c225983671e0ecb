using Gateway.Contracts.Limits;

namespace Gateway.Limits;

/// <summary>
/// One counter that several edges share: a token bucket of what nobody has yet, and the slices that edges have taken out of it. What is left and all slices together
/// never pass the burst, and only time adds to them: so no edges, however they are asked in turn, let through more than the burst and what flows in between.
/// </summary>
/// <remarks>Only the clock of who keeps the counter counts; those of the edges do not matter. Not safe for use by several threads at once.</remarks>
public sealed class SharedCounter
{
    /// <summary>While a memory is younger than this, counters that edges knew before are begun empty: what was used of them is not known.</summary>
    public const long YoungMicros = 10_000_000;

    private const long ForgottenMicros = 600_000_000;
    private const long LeaseMicros = LimitRequest.LeaseMs * 1_000L;

    /// <summary>An edge without traffic leaves room for others: all of them together hold at most a quarter of the burst in advance.</summary>
    private const int SlackParts = 4;

    /// <summary>What nobody has; below 0 it is owed.</summary>
    public double Level { get; set; }

    /// <summary>When <see cref="Level"/> was that, in microseconds.</summary>
    public long AtMicros { get; set; }

    /// <summary>Until when nothing is granted of what is in use: edges that have not been heard yet may have it.</summary>
    public long ClosedUntilMicros { get; set; }

    /// <summary>The slices, by edge.</summary>
    public Dictionary<string, SharedSlice> Slices { get; init; } = new(StringComparer.Ordinal);

    /// <summary>A counter that nobody has used.</summary>
    /// <param name="ask">The first question about it.</param>
    /// <param name="knewAnother">True when the edge that asks was answered from another memory before.</param>
    /// <param name="ageMicros">Age of the memory.</param>
    /// <param name="nowMicros">Now.</param>
    public static SharedCounter Begin(LimitAsk ask, bool knewAnother, long ageMicros, long nowMicros) =>
        new() { Level = knewAnother && ageMicros < YoungMicros ? 0 : ask.Burst, AtMicros = nowMicros };

    /// <summary>Answers one question.</summary>
    /// <param name="edge">Who asks.</param>
    /// <param name="ask">What it has and wants. Its figures of the limit are the ones in force from now on.</param>
    /// <param name="edges">How many edges live.</param>
    /// <param name="knewAnother">True when the edge was answered from another memory before.</param>
    /// <param name="ageMicros">Age of the memory.</param>
    /// <param name="nowMicros">Now.</param>
    public LimitGrant Answer(string edge, LimitAsk ask, int edges, bool knewAnother, long ageMicros, long nowMicros)
    {
        var others = Fill(edge, ask, nowMicros);
        Take(edge, ask, knewAnother && ageMicros < YoungMicros, out var isOld);
        if (isOld)
        {
            return new LimitGrant(0, (long)Math.Floor(Level));
        }

        var held = Math.Max(0, ask.Held);
        Level = Math.Min(Level, ask.Burst - others - held);
        // What an edge has used beyond its slice is owed whatever is left.
        var granted = Math.Max(0, -ask.Held);
        Level -= granted;
        if (nowMicros < ClosedUntilMicros)
        {
            return Grant(edge, ask, granted, nowMicros);
        }

        var needed = Math.Min(ask.Needed, (long)Math.Floor(Level) - ask.Floor);
        if (needed > 0 && needed >= ask.Least)
        {
            granted += needed;
            Level -= needed;
        }

        var slack = Math.Min(ask.Wanted, ask.Burst / (SlackParts * Math.Max(1, edges))) - Math.Max(0, ask.Free);
        slack = Math.Max(0, Math.Min(slack, (long)Math.Floor((Level - ask.Floor) / 2)));
        Level -= slack;
        return Grant(edge, ask, granted + slack, nowMicros);
    }

    private LimitGrant Grant(string edge, LimitAsk ask, long granted, long nowMicros)
    {
        Slices[edge] = new SharedSlice(ask.Sequence, ask.Used, Math.Max(0, ask.Held + granted), nowMicros);
        return new LimitGrant(granted, (long)Math.Floor(Level));
    }

    /// <summary>When the counter is as if nobody had ever used it, in microseconds; then it may be forgotten.</summary>
    /// <param name="ask">The last question about it.</param>
    public static long FullAfterMicros(LimitAsk ask) => (long)Math.Min(ask.WindowMicros * (double)ask.Burst / ask.Amount, 2e11) + 600_000_000;

    /// <summary>Lets time flow in, and takes back what edges hold that have not been heard of.</summary>
    private long Fill(string edge, LimitAsk ask, long now)
    {
        long held = 0;
        long others = 0;
        foreach (var (name, slice) in Slices)
        {
            if (now - slice.AtMicros > ForgottenMicros)
            {
                Slices.Remove(name);
                continue;
            }

            var alive = now - slice.AtMicros <= LeaseMicros ? slice.Held : 0;
            held += alive;
            others += name == edge ? 0 : alive;
        }

        var most = ask.Burst - held;
        Level = ask.WindowMicros == 0 ? most : Math.Min(most, Level + (Math.Max(0, now - AtMicros) * (double)ask.Amount / ask.WindowMicros));
        AtMicros = Math.Max(AtMicros, now);
        return others;
    }

    /// <summary>Takes back what the edge has given back, and what was granted and did not arrive.</summary>
    private void Take(string edge, LimitAsk ask, bool memoryLost, out bool isOld)
    {
        isOld = false;
        var counts = ask.WindowMicros == 0;
        if (!Slices.TryGetValue(edge, out var slice))
        {
            // After a loss of memory nobody knows what others have used; what edges hold is all there is.
            Level = memoryLost ? Math.Min(Level, 0) : Level - Math.Max(0, ask.Held) - (ask.IsNew && !counts ? ask.Used : 0);
            ClosedUntilMicros = memoryLost && counts ? AtMicros + LeaseMicros : ClosedUntilMicros;
            return;
        }

        if (ask.Sequence <= slice.Sequence)
        {
            isOld = true;
            return;
        }

        var had = AtMicros - slice.AtMicros <= LeaseMicros ? slice.Held : 0;
        Level += counts ? had - ask.Held : had - (ask.Used - slice.Used) - ask.Held;
    }
}

/// <summary>What one edge has of a shared counter.</summary>
/// <param name="Sequence">The last question that was answered.</param>
/// <param name="Used">What the edge had used by then.</param>
/// <param name="Held">What it has since.</param>
/// <param name="AtMicros">When that was, in microseconds.</param>
public readonly record struct SharedSlice(long Sequence, long Used, long Held, long AtMicros);
