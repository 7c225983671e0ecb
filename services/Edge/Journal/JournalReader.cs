namespace Gateway.Edge.Journal;

/// <summary>
/// Reads published records in order, across segments, without disturbing writers. For one thread at a time; never waits.
/// </summary>
internal sealed class JournalReader : IDisposable
{
    private readonly JournalFolder _folder;
    private SegmentCursor? _cursor;

    /// <summary>Reads from a position on.</summary>
    public JournalReader(JournalFolder folder, JournalPosition from)
    {
        _folder = folder;
        Position = from;
    }

    /// <summary>The place after the last record read.</summary>
    public JournalPosition Position { get; private set; }

    /// <summary>Reads the next record.</summary>
    /// <param name="view">Valid until the next call.</param>
    /// <returns>False when none is published yet.</returns>
    /// <exception cref="IOException">A segment cannot be read; try again later.</exception>
    public bool TryRead(out RecordView view)
    {
        view = default;
        while (_cursor is not null || OpenAt(Position.Segment))
        {
            var step = _cursor!.Step(out view);
            Position = new JournalPosition(_cursor.Number, _cursor.Offset);
            if (step != CursorStep.End)
            {
                return step == CursorStep.Record;
            }

            if (!OpenAt(_cursor.Number + 1))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Reads the next record out.</summary>
    /// <param name="item">The record and the place after it.</param>
    public bool TryReadItem(out JournalItem item)
    {
        var found = TryRead(out var view);
        item = found ? new JournalItem(view.ToRecord(), Position) : default;
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor?.Dispose();

    private bool OpenAt(long number)
    {
        while (_folder.FirstFrom(number) is { } entry)
        {
            var offset = entry.Number == Position.Segment ? Position.Offset : SegmentHeader.Size;
            if (entry.TryOpen(offset) is { } next)
            {
                _cursor?.Dispose();
                _cursor = next;
                Position = new JournalPosition(next.Number, next.Offset);
                return true;
            }

            number = entry.Number + 1;
        }

        return false;
    }
}
