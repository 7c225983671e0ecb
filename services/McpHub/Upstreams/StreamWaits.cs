namespace Gateway.McpHub.Upstreams;

/// <summary>
/// How long to wait before a stream that ended is opened again: as long as the server asks for, but never not at all, and twice as long each time while streams do not hold. A server that ends
/// every stream at once, or asks for no waiting, is not asked without a pause.
/// </summary>
internal sealed class StreamWaits(TimeProvider time)
{
    /// <summary>Shortest wait, whatever the server asks for.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private const int MostDoublings = 10;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(30);

    private TimeSpan asked = Usual;
    private long began = time.GetTimestamp();
    private int brief;

    /// <summary>A stream is opened.</summary>
    public void Begin() => began = time.GetTimestamp();

    /// <summary>The server says how long to wait; null where it does not.</summary>
    public void Ask(TimeSpan? retry) => asked = retry is not { } wanted ? asked : wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;

    /// <summary>The stream brought something that it was opened for, so that the next wait is as short as the first.</summary>
    public void Moved() => brief = 0;

    /// <summary>Waits before the next stream.</summary>
    public Task NextAsync(CancellationToken cancellation)
    {
        if (time.GetElapsedTime(began) > Held)
        {
            brief = 0;
        }

        var wait = asked * (1 << Math.Min(brief++, MostDoublings));
        return Task.Delay(wait < Longest ? wait : Longest, time, cancellation);
    }
}
