using System.Collections.Concurrent;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Whether counters are shared with other edges at the moment, and which of them have something to ask.</summary>
internal sealed class LimitSharing(TimeProvider time)
{
    // Less than the lease that governs on the other side, by the time a question may take and clocks may differ in speed.
    private const long GoodForMicros = 4_000_000;

    private const long FirstAnswerMicros = 6_000_000;

    private readonly ConcurrentQueue<LimitCounter> _listed = new();
    private TaskCompletionSource _wake = New();
    private TaskCompletionSource _answered = New();
    private volatile bool _shares;
    private volatile bool _wasHeard;
    private long _goodUntil;
    private int _edges = 1;

    public TimeProvider Time { get; } = time;

    /// <summary>Microseconds of a clock that only goes forward.</summary>
    public long Now => (long)((Int128)Time.GetTimestamp() * 1_000_000 / Time.TimestampFrequency);

    /// <summary>Edges that share, as last heard; at the start what the operator says.</summary>
    public int Edges => Volatile.Read(ref _edges);

    /// <summary>True when there is somebody to share with.</summary>
    public bool Shares => _shares;

    /// <summary>Completes as soon as something is to be asked at once.</summary>
    public Task Woken => Volatile.Read(ref _wake).Task;

    /// <summary>How counters count at a moment, and how many edges there are.</summary>
    public (SharingMode Mode, int Parts) At(long now) =>
        !_shares ? (SharingMode.Alone, 1) : now < Volatile.Read(ref _goodUntil) ? (SharingMode.Shared, 1) : (SharingMode.Apart, Volatile.Read(ref _edges));

    /// <summary>Begins to share. Until the first answer requests wait for it; when it does not come, every edge has its part.</summary>
    public void Begin(int edges)
    {
        Volatile.Write(ref _goodUntil, Now + FirstAnswerMicros);
        Volatile.Write(ref _edges, Math.Max(1, edges));
        _shares = true;
    }

    /// <summary>An answer came.</summary>
    /// <param name="sentAt">When it was asked for.</param>
    /// <param name="edges">How many edges live.</param>
    public void Heard(long sentAt, int edges)
    {
        _wasHeard = true;
        Volatile.Write(ref _edges, Math.Max(1, edges));
        Volatile.Write(ref _goodUntil, sentAt + GoodForMicros);
    }

    /// <summary>Who grants slices cannot be reached. An edge that never heard of the others gives them the whole time that a first answer may take.</summary>
    public void Lost()
    {
        if (_wasHeard)
        {
            Volatile.Write(ref _goodUntil, 0);
        }
    }

    /// <summary>Puts a counter on the list of those that the next question is about.</summary>
    public void List(LimitCounter counter)
    {
        if (Volatile.Read(ref counter.Listed) == 0 && Interlocked.Exchange(ref counter.Listed, 1) == 0)
        {
            _listed.Enqueue(counter);
        }
    }

    /// <summary>The same, and at once.</summary>
    public void Wake(LimitCounter counter)
    {
        List(counter);
        Volatile.Read(ref _wake).TrySetResult();
    }

    /// <summary>Takes counters off the list.</summary>
    public List<LimitCounter> Take(int most)
    {
        if (Woken.IsCompleted)
        {
            Interlocked.Exchange(ref _wake, New());
        }

        var counters = new List<LimitCounter>();
        while (counters.Count < most && _listed.TryDequeue(out var counter))
        {
            Volatile.Write(ref counter.Listed, 0);
            counters.Add(counter);
        }

        return counters;
    }

    /// <summary>Completes when a question that is still to be put together has been answered, or has failed.</summary>
    public Task NextAnswer => Volatile.Read(ref _answered).Task;

    /// <summary>Begins a question.</summary>
    /// <returns>To be completed when it is over.</returns>
    public TaskCompletionSource BeginQuestion() => Interlocked.Exchange(ref _answered, New());

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>How a counter counts.</summary>
internal enum SharingMode
{
    /// <summary>There are no other edges.</summary>
    Alone,

    /// <summary>It has slices of what all edges share.</summary>
    Shared,

    /// <summary>Slices cannot be had: each edge has its part.</summary>
    Apart,
}
