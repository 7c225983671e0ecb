namespace Gateway.Edge.Journal;

/// <summary>A segment that this process writes.</summary>
internal sealed unsafe class LiveSegment
{
    private readonly byte* _base;
    private readonly uint _seed;
    private readonly int _capacity;
    private long _tail;
    private int _sealedAt = -1;
    private LiveSegment? _next;

    /// <summary>Writes into a mapped, zeroed file.</summary>
    public LiveSegment(SegmentMap map)
    {
        Map = map;
        _base = map.Base;
        _seed = map.Seed;
        _capacity = map.Header.Bytes;
        _tail = SegmentHeader.Size;
    }

    private LiveSegment() => _sealedAt = 0;

    /// <summary>The file, or null for the full segment that stands before the first one.</summary>
    public SegmentMap? Map { get; }

    /// <summary>End of the last record once no more can come; before that -1.</summary>
    public int SealedAt => Volatile.Read(ref _sealedAt);

    /// <summary>The segment after this one, prepared ahead by the journal's keeper; null while there is none.</summary>
    public LiveSegment? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }

    /// <summary>True when nothing fits any more.</summary>
    public bool IsFull => Volatile.Read(ref _tail) > _capacity || Map is null;

    /// <summary>A segment that is full from the start, so that a journal without a file has one to stand on.</summary>
    public static LiveSegment Full() => new();

    /// <summary>Writes the entry if it fits.</summary>
    public bool TryWrite(int length, in UsageEntry entry)
    {
        // Looked at first, so that refused appends cannot push the tail on without end.
        if (Volatile.Read(ref _tail) > _capacity)
        {
            return false;
        }

        var end = Interlocked.Add(ref _tail, length);
        var start = end - length;
        if (end <= _capacity)
        {
            RecordLayout.Write(_base + start, (int)start, length, _seed, in entry);
            return true;
        }

        SealIfFirst(start);
        return false;
    }

    /// <summary>Lets no further record in.</summary>
    public void Seal()
    {
        var end = Interlocked.Add(ref _tail, _capacity + 1L);
        SealIfFirst(end - _capacity - 1);
    }

    private void SealIfFirst(long start)
    {
        // Reservations do not overlap, so exactly one of them starts inside and ends outside.
        if (start <= _capacity)
        {
            Volatile.Write(ref _sealedAt, (int)start);
        }
    }
}
