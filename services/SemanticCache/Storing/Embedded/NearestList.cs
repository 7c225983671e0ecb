namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>The best entries found so far, best first, by scores without the question's scale.</summary>
/// <param name="count">How many are kept.</param>
/// <param name="least">What a score must be above.</param>
/// <param name="now">Unix seconds: what is gone by then does not count.</param>
internal sealed class NearestList(int count, float least, long now)
{
    private readonly List<(EntryRecord Entry, float Score)> _best = new(count + 1);

    /// <summary>What a score must be above to be kept now.</summary>
    public float Least => _best.Count == count ? Math.Max(least, _best[^1].Score) : least;

    /// <summary>Best first.</summary>
    public IReadOnlyList<(EntryRecord Entry, float Score)> Found => _best;

    public void Offer(EntryRecord? entry, float score)
    {
        // A place that is written at this moment may have no entry yet.
        if (!(score > Least) || entry is null || entry.GoneAt <= now)
        {
            return;
        }

        var at = _best.Count;
        while (at > 0 && _best[at - 1].Score < score)
        {
            at--;
        }

        _best.Insert(at, (entry, score));
        if (_best.Count > count)
        {
            _best.RemoveAt(count);
        }
    }
}
