namespace Gateway.McpHub.Upstreams;

/// <summary>
/// Passes on what servers say of changes: the first of a kind at once, all that follow within a second as one. A server that says so without end costs no more than one that says so every second.
/// </summary>
internal sealed class ChangeBursts(Action<UpstreamChange> tell, TimeProvider time) : IDisposable
{
    /// <summary>Most different changes that are told in a second; further ones are dropped.</summary>
    public const int Most = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<Key, Burst> bursts = [];
    private bool isOver;

    /// <summary>Takes a change.</summary>
    public void Note(UpstreamChange change)
    {
        var key = new Key(change.Server, change.Kind, change.Uri, change.Conversation);
        lock (gate)
        {
            if (bursts.TryGetValue(key, out var burst))
            {
                burst.Next = change;
                return;
            }

            if (isOver || bursts.Count >= Most)
            {
                return;
            }

            var begun = bursts[key] = new Burst();
            begun.Timer = time.CreateTimer(_ => Elapsed(key, begun), null, Window, Timeout.InfiniteTimeSpan);
        }

        tell(change);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            foreach (var burst in bursts.Values)
            {
                burst.Timer?.Dispose();
            }

            bursts.Clear();
        }
    }

    private void Elapsed(Key key, Burst burst)
    {
        UpstreamChange next;
        lock (gate)
        {
            if (isOver)
            {
                return;
            }

            if (burst.Next is not { } waiting)
            {
                bursts.Remove(key);
                burst.Timer?.Dispose();
                return;
            }

            next = waiting;
            burst.Next = null;
            burst.Timer?.Change(Window, Timeout.InfiniteTimeSpan);
        }

        tell(next);
    }

    private readonly record struct Key(string Server, UpstreamChangeKind Kind, string? Uri, string? Conversation);

    private sealed class Burst
    {
        public ITimer? Timer { get; set; }

        public UpstreamChange? Next { get; set; }
    }
}
