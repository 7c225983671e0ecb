namespace Gateway.Edge.Journal;

/// <summary>
/// Decides when records are summed: when more arrive than governance takes, not merely because many wait. After an outage, records that wait are sent one by one as long as their
/// number falls.
/// </summary>
internal sealed class SummingPolicy(UploaderOptions options, TimeProvider time)
{
    private long _since;
    private long _backlogThen = -1;

    /// <summary>True while sums are sent.</summary>
    public bool IsSumming { get; private set; }

    /// <summary>Looks at the journal; called between batches that were delivered.</summary>
    /// <param name="backlog">Records that wait.</param>
    /// <param name="fill">Bytes of the journal, as a share of what it may have.</param>
    /// <returns>Whether the next batch is to be of sums.</returns>
    public bool Decide(long backlog, double fill)
    {
        if (backlog <= options.SumBelow)
        {
            IsSumming = false;
            _backlogThen = -1;
            return false;
        }

        if (IsSumming || backlog < options.SumAbove)
        {
            return IsSumming;
        }

        if (fill >= options.SumAtFill)
        {
            return IsSumming = true;
        }

        if (_backlogThen < 0)
        {
            (_since, _backlogThen) = (time.GetTimestamp(), backlog);
        }
        else if (time.GetElapsedTime(_since) >= options.SumAfter)
        {
            // Delivered all the time, and still not fewer.
            IsSumming = backlog >= _backlogThen;
            (_since, _backlogThen) = (time.GetTimestamp(), backlog);
        }

        return IsSumming;
    }

    /// <summary>Governance was away: what came meanwhile says nothing of how much it can take.</summary>
    public void Interrupted() => _backlogThen = -1;
}
