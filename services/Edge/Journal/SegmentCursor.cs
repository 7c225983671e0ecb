namespace Gateway.Edge.Journal;

/// <summary>What a step of a <see cref="SegmentCursor"/> came to.</summary>
internal enum CursorStep
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Nothing yet: the segment is being written.</summary>
    Wait,

    /// <summary>No more records in this segment.</summary>
    End,
}

/// <summary>
/// Walks the records of one segment. In a segment of this process it stops before a record that is not published yet; in one whose
/// writer is gone it steps over what was never published and over damage, and finds the next whole record.
/// </summary>
internal sealed unsafe class SegmentCursor : IDisposable
{
    private readonly SegmentMap _map;
    private readonly LiveSegment? _live;
    private readonly int _end;
    private bool _lost;
    private bool _disposed;

    /// <summary>Starts at an offset.</summary>
    /// <param name="map">The segment; the cursor takes over the caller's reference.</param>
    /// <param name="live">Its writer's side, or null when the writer is gone.</param>
    /// <param name="offset">Where to start.</param>
    /// <param name="end">Where records end, when the writer is gone.</param>
    public SegmentCursor(SegmentMap map, LiveSegment? live, int offset, int end)
    {
        _map = map;
        _live = live;
        _end = end;
        Offset = Math.Max(offset, SegmentHeader.Size);
    }

    /// <summary>Number of the segment.</summary>
    public long Number => _map.Header.Number;

    /// <summary>The place after the last record read.</summary>
    public int Offset { get; private set; }

    /// <summary>Stretches that were damaged.</summary>
    public int Damaged { get; private set; }

    /// <summary>Records begun and never published.</summary>
    public int Torn { get; private set; }

    /// <summary>Takes one step.</summary>
    public CursorStep Step(out RecordView view) => _live is null ? StepClosed(out view) : StepLive(_live, out view);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _map.Release();
        }
    }

    private CursorStep StepLive(LiveSegment live, out RecordView view)
    {
        view = default;
        while (true)
        {
            var sealedAt = live.SealedAt;
            if (sealedAt >= 0 && Offset >= sealedAt)
            {
                return CursorStep.End;
            }

            if (Offset + RecordLayout.MinBytes > _map.Header.Bytes)
            {
                return CursorStep.Wait;
            }

            var at = _map.Base + Offset;
            var head = Volatile.Read(ref *(ulong*)at);
            if (head == 0)
            {
                return CursorStep.Wait;
            }

            if (!RecordLayout.IsHead(head, Offset, _map.Header.Bytes, _map.Seed))
            {
                Lose();
                Offset += 8;
                continue;
            }

            var commit = Volatile.Read(ref *(ulong*)(at + 8));
            if (commit == 0)
            {
                return CursorStep.Wait;
            }

            if (Accept(at, head, commit, out view))
            {
                return CursorStep.Record;
            }
        }
    }

    private CursorStep StepClosed(out RecordView view)
    {
        view = default;
        while (Offset + RecordLayout.MinBytes <= _end)
        {
            var at = _map.Base + Offset;
            var head = *(ulong*)at;
            if (head == 0)
            {
                // A reservation whose head was never written, or the unused rest: nothing but zeros up to the next record.
                Offset = NextNonZero(Offset);
                continue;
            }

            if (!RecordLayout.IsHead(head, Offset, _end, _map.Seed))
            {
                Lose();
                Offset += 8;
                continue;
            }

            var commit = *(ulong*)(at + 8);
            if (_lost && !RecordLayout.IsWhole(at, head, commit, _map.Seed))
            {
                // Inside damage a chance likeness of a head must not carry the search over a good record.
                Offset += 8;
                continue;
            }

            if (commit == 0)
            {
                Torn++;
                Offset += RecordLayout.Length(head);
                continue;
            }

            if (Accept(at, head, commit, out view))
            {
                return CursorStep.Record;
            }
        }

        return CursorStep.End;
    }

    private bool Accept(byte* at, ulong head, ulong commit, out RecordView view)
    {
        var start = Offset;
        Offset += RecordLayout.Length(head);
        if (!RecordLayout.IsWhole(at, head, commit, _map.Seed) || !RecordLayout.IsKnown(head))
        {
            Damaged++;
            view = default;
            return false;
        }

        _lost = false;
        view = new RecordView(at, _map.Header.Writer, new JournalPosition(Number, start));
        return true;
    }

    private void Lose()
    {
        if (!_lost)
        {
            _lost = true;
            Damaged++;
        }
    }

    private int NextNonZero(int from)
    {
        var rest = new ReadOnlySpan<ulong>(_map.Base + from, (_end - from) / 8);
        var found = rest.IndexOfAnyExcept(0UL);
        return found < 0 ? _end : from + (found * 8);
    }
}
