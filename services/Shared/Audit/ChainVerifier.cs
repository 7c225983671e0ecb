namespace Gateway.Audit;

/// <summary>
/// Follows one chain. A row ahead of its place is decided on with the next row in hand: when that one continues where the chain had come to, the row ahead was moved there;
/// when it continues the row ahead, the rows between are missing.
/// </summary>
internal sealed class ChainVerifier
{
    private const int MostKept = 100_000;
    private readonly string _chain;
    private readonly Action<AuditFinding> _report;
    private readonly Dictionary<long, string> _signed = [];
    private readonly SortedSet<long> _signedRows = [];
    private readonly Dictionary<long, string> _anchors = [];
    private readonly HashSet<long> _early = [];
    private readonly List<(long First, long Last)> _missing = [];
    private readonly bool _partial;
    private (AuditRow Row, long Line, bool IsSound)? _held;
    private long _expected = 1;
    private string? _before = CanonicalForm.Genesis;
    private bool _beforeIsSound = true;
    private bool _begun;

    public ChainVerifier(string chain, IReadOnlyList<AuditCheckpoint> checkpoints, bool isPartial, Action<AuditFinding> report)
    {
        (_chain, _report, _partial) = (chain, report, isPartial);
        foreach (var checkpoint in checkpoints)
        {
            if (_signed.TryGetValue(checkpoint.Sequence, out var other) && other != checkpoint.Hash)
            {
                Report(AuditFindingKind.Checkpoint, checkpoint.Sequence, checkpoint.Sequence, 0, $"Two checkpoints of {chain} at row {checkpoint.Sequence} name different hashes.");
            }

            _signed[checkpoint.Sequence] = checkpoint.Hash;
            _signedRows.Add(checkpoint.Sequence);
        }

        foreach (var anchor in checkpoints.Where(c => c.Purpose == CheckpointPurpose.Anchor))
        {
            _anchors[anchor.Sequence] = anchor.Hash;
        }

        Begin(_anchors.Count > 0 ? _anchors.Keys.Max() : 0);
    }

    /// <summary>The last row, 0 when there is none.</summary>
    public long Last => _expected - 1;

    public void Add(AuditRow row, long line, bool isExact)
    {
        var isSound = isExact && CanonicalForm.Hash(row) == row.Hash;
        if (!isSound)
        {
            Report(AuditFindingKind.Altered, row.Sequence, row.Sequence, line,
                isExact ? $"Row {row.Sequence} of {_chain} was altered: its content does not have its hash." : $"Row {row.Sequence} of {_chain} was altered: it is not written as the gateway writes rows.");
        }

        if (!_begun)
        {
            _begun = true;
            if (row.Sequence == 1 || _anchors.ContainsKey(row.Sequence - 1))
            {
                // Exported before the rows at its beginning were cut.
                Begin(row.Sequence - 1);
            }
            else if (_partial && row.Sequence > _expected)
            {
                (_expected, _before) = (row.Sequence, row.Previous);
            }
        }

        if (_held is not { } held)
        {
            Follow(row, line, isSound);
            return;
        }

        _held = null;
        if (row.Sequence == _expected || row.Sequence == _expected + 1)
        {
            // The chain goes on here: the row in hand stands where it does not belong.
            Keep(held.Row.Sequence);
            if (row.Sequence == _expected + 1)
            {
                Skip(_expected, _expected);
            }
        }
        else
        {
            Skip(_expected, held.Row.Sequence - 1);
            Follow(held.Row, held.Line, held.IsSound, known: true);
        }

        Follow(row, line, isSound);
    }

    public void Finish((long Sequence, string Hash)? head)
    {
        if (_held is { } held)
        {
            _held = null;
            Skip(_expected, held.Row.Sequence - 1);
            Follow(held.Row, held.Line, held.IsSound, known: true);
        }

        while (_early.Remove(_expected))
        {
            Report(AuditFindingKind.Reordered, _expected, _expected, 0, $"Row {_expected} of {_chain} was moved forward from its place.");
            (_expected, _before) = (_expected + 1, null);
        }

        var last = Math.Max(_signedRows.Count > 0 ? _signedRows.Max : 0, head?.Sequence ?? 0);
        if (last >= _expected)
        {
            Report(AuditFindingKind.Cut, _expected, last, 0, $"{Rows(_expected, last)} of {_chain} {(_expected == last ? "was" : "were")} cut off: {(head?.Sequence >= last ? "the store" : "a signed checkpoint")} knows them.");
        }
        else if (head is { } end && end.Sequence == Last && _beforeIsSound && _before is not null && end.Hash != _before)
        {
            Report(AuditFindingKind.Altered, Last, Last, 0, $"Row {Last} of {_chain} was altered: the store knows another hash of it.");
        }

        foreach (var early in _early.Order())
        {
            var wasMissing = Unmiss(early);
            Report(wasMissing ? AuditFindingKind.Reordered : AuditFindingKind.Inserted, early, early, 0,
                wasMissing ? $"Row {early} of {_chain} was moved forward from its place." : $"Row {early} of {_chain} is there a second time, before its place.");
        }

        foreach (var (first, until) in _missing)
        {
            Report(AuditFindingKind.Deleted, first, until, 0, $"{Rows(first, until)} of {_chain} {(first == until ? "was" : "were")} deleted.");
        }
    }

    private void Follow(AuditRow row, long line, bool isSound, bool known = false)
    {
        var sequence = row.Sequence;
        if (sequence > _expected && !known)
        {
            _held = (row, line, isSound);
            return;
        }

        if (sequence < _expected)
        {
            var wasMissing = Unmiss(sequence);
            Report(wasMissing ? AuditFindingKind.Reordered : AuditFindingKind.Inserted, sequence, sequence, line,
                wasMissing ? $"Row {sequence} of {_chain} was moved back from its place." : $"Row {sequence} of {_chain} does not belong here: the chain has come to row {Last}.");
            return;
        }

        if (_before is not null && row.Previous != _before && isSound && _beforeIsSound)
        {
            var blamed = Last > 0 && _before != CanonicalForm.Genesis ? Last : sequence;
            Report(AuditFindingKind.Altered, blamed, blamed, line, blamed == sequence
                ? $"Row {sequence} of {_chain} was altered: it does not name the beginning of the chain."
                : $"Row {blamed} of {_chain} was altered: row {sequence} was chained to another one.");
        }

        if (_signed.TryGetValue(sequence, out var hash) && hash != row.Hash && isSound)
        {
            var since = _signedRows.GetViewBetween(long.MinValue, sequence - 1) is { Count: > 0 } earlier ? earlier.Max + 1 : 1;
            Report(AuditFindingKind.Rewritten, since, sequence, line, $"{Rows(since, sequence)} of {_chain}: rewritten. The checkpoint at row {sequence} was signed for other content.");
        }

        (_expected, _before, _beforeIsSound) = (sequence + 1, row.Hash, isSound);
    }

    private void Begin(long cut) => (_expected, _before) = (cut + 1, cut == 0 ? CanonicalForm.Genesis : _anchors[cut]);

    // The row after a gap cannot be held to the one before it.
    private void Skip(long first, long last)
    {
        (_expected, _before) = (last + 1, null);
        for (var row = first; row <= last && last - first < MostKept; row++)
        {
            if (_early.Remove(row))
            {
                Report(AuditFindingKind.Reordered, row, row, 0, $"Row {row} of {_chain} was moved forward from its place.");
                if (row > first)
                {
                    _missing.Add((first, row - 1));
                }

                first = row + 1;
            }
        }

        if (first <= last)
        {
            _missing.Add((first, last));
        }
    }

    private void Keep(long row)
    {
        if (_early.Count < MostKept)
        {
            _early.Add(row);
        }
    }

    private bool Unmiss(long row)
    {
        var at = _missing.FindIndex(m => row >= m.First && row <= m.Last);
        if (at < 0)
        {
            return false;
        }

        var (first, last) = _missing[at];
        _missing.RemoveAt(at);
        if (first < row)
        {
            _missing.Add((first, row - 1));
        }

        if (row < last)
        {
            _missing.Add((row + 1, last));
        }

        return true;
    }

    private void Report(AuditFindingKind kind, long first, long last, long line, string message) => _report(new AuditFinding(kind, _chain, first, last, line, message));

    private static string Rows(long first, long last) => first == last ? $"Row {first}" : $"Rows {first} to {last}";
}
