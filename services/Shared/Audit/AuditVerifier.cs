namespace Gateway.Audit;

/// <summary>What was found.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Chains">The last row read of each chain.</param>
/// <param name="Checkpoints">Checkpoints that rows were held to.</param>
/// <param name="Findings">What is wrong, at most <see cref="AuditVerifier.MostFindings"/>; empty: nothing.</param>
public sealed record AuditVerdict(long Rows, IReadOnlyDictionary<string, long> Chains, long Checkpoints, IReadOnlyList<AuditFinding> Findings)
{
    /// <summary>True when nothing is wrong.</summary>
    public bool IsIntact => Findings.Count == 0;
}

/// <summary>
/// Reads a log once from its beginning and says which rows were altered, deleted, moved, inserted or cut off. Rows of several chains may be mixed. Memory does not grow with
/// the length of the log.
/// </summary>
public sealed class AuditVerifier
{
    /// <summary>Findings that are kept.</summary>
    public const int MostFindings = 1000;

    private readonly Dictionary<string, ChainVerifier> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<AuditCheckpoint>> _checkpoints = new(StringComparer.Ordinal);
    private readonly List<AuditFinding> _findings = [];
    private readonly bool _partial;
    private long _rows;
    private readonly long _believed;

    /// <param name="checkpoints">Signed checkpoints and anchors, in any order.</param>
    /// <param name="keys">Keys that they are believed by; null believes all, which finds accidents but no forger.</param>
    /// <param name="isPartial">True when the log may begin in the middle of a chain, as an export from a certain row does.</param>
    public AuditVerifier(IEnumerable<AuditCheckpoint> checkpoints, CheckpointKeys? keys, bool isPartial = false)
    {
        _partial = isPartial;
        foreach (var checkpoint in checkpoints)
        {
            if (keys?.Problem(checkpoint) is { } problem)
            {
                Add(new AuditFinding(
                    AuditFindingKind.Checkpoint, checkpoint.Chain, checkpoint.Sequence, checkpoint.Sequence, 0,
                    $"The checkpoint of {checkpoint.Chain} at row {checkpoint.Sequence} is not to be believed: {problem}."));
                continue;
            }

            _believed++;
            if (!_checkpoints.TryGetValue(checkpoint.Chain, out var list))
            {
                _checkpoints[checkpoint.Chain] = list = [];
            }

            list.Add(checkpoint);
        }
    }

    /// <summary>Takes the next line of an exported file.</summary>
    public void AddLine(ReadOnlySpan<byte> line, long number)
    {
        if (AuditLines.ReadRow(line, out var isExact) is not { } row)
        {
            Add(new AuditFinding(AuditFindingKind.Unreadable, "", 0, 0, number, $"Line {number} is no row of an audit log."));
            return;
        }

        Add(row, number, isExact);
    }

    /// <summary>Takes the next row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="line">Line of the file, or 0.</param>
    /// <param name="isExact">False when the line was written in another way than the gateway writes it.</param>
    public void Add(AuditRow row, long line = 0, bool isExact = true)
    {
        _rows++;
        if (!_chains.TryGetValue(row.Chain, out var chain))
        {
            _chains[row.Chain] = chain = new ChainVerifier(row.Chain, _checkpoints.GetValueOrDefault(row.Chain) ?? [], _partial, Add);
        }

        chain.Add(row, line, isExact);
    }

    /// <summary>Ends the log.</summary>
    /// <param name="heads">Where the chains end by the store's own account, each with sequence and hash; empty when there is no such account.</param>
    public AuditVerdict Finish(IReadOnlyDictionary<string, (long Sequence, string Hash)>? heads = null)
    {
        foreach (var chain in _checkpoints.Keys.Union(heads?.Keys ?? []).Where(c => !_chains.ContainsKey(c)).ToList())
        {
            _chains[chain] = new ChainVerifier(chain, _checkpoints.GetValueOrDefault(chain) ?? [], isPartial: false, Add);
        }

        foreach (var (name, chain) in _chains)
        {
            chain.Finish(heads is not null && heads.TryGetValue(name, out var head) ? head : null);
        }

        return new AuditVerdict(_rows, _chains.ToDictionary(c => c.Key, c => c.Value.Last, StringComparer.Ordinal), _believed, _findings);
    }

    private void Add(AuditFinding finding)
    {
        if (_findings.Count < MostFindings)
        {
            _findings.Add(finding);
        }
    }
}
