namespace Gateway.Benchmarks.SemCache;

/// <summary>How well a score tells same from different.</summary>
internal sealed class Quality
{
    private readonly (double Score, bool Same)[] _ranked;

    public Quality(IEnumerable<(double Score, bool Same)> scored)
    {
        _ranked = [.. scored.OrderByDescending(static s => s.Score)];
        Repeats = _ranked.Count(static s => s.Same);
    }

    public int Repeats { get; }

    /// <summary>The chance that a true repeat scores above another pair; ties count half.</summary>
    public double Auc()
    {
        double wins = 0;
        var (above, i) = (0, 0);
        var others = _ranked.Length - Repeats;
        while (i < _ranked.Length)
        {
            var (same, different, score) = (0, 0, _ranked[i].Score);
            for (; i < _ranked.Length && _ranked[i].Score == score; i++)
            {
                same += _ranked[i].Same ? 1 : 0;
                different += _ranked[i].Same ? 0 : 1;
            }

            wins += ((double)same * (others - above - different)) + (0.5 * same * different);
            above += different;
        }

        return wins / ((double)Repeats * others);
    }

    /// <summary>Share of the true repeats found, and precision, with wrong hits in at most this share of all look-ups.</summary>
    public (double Found, double Precision, double Threshold) At(double wrongPerLookup)
    {
        var allowed = (int)(wrongPerLookup * _ranked.Length);
        var (wrong, right, best) = (0, 0, (Found: 0.0, Precision: 1.0, Threshold: double.PositiveInfinity));
        for (var i = 0; i < _ranked.Length; i++)
        {
            wrong += _ranked[i].Same ? 0 : 1;
            right += _ranked[i].Same ? 1 : 0;
            if (wrong > allowed)
            {
                break;
            }

            if (i + 1 == _ranked.Length || _ranked[i + 1].Score < _ranked[i].Score)
            {
                best = ((double)right / Repeats, (double)right / (i + 1), _ranked[i].Score);
            }
        }

        return best;
    }

    /// <summary>The largest share of the true repeats found at this precision.</summary>
    public double FoundAtPrecision(double precision)
    {
        var (right, best) = (0, 0.0);
        for (var i = 0; i < _ranked.Length; i++)
        {
            right += _ranked[i].Same ? 1 : 0;
            if (i >= 20 && (double)right / (i + 1) >= precision)
            {
                best = (double)right / Repeats;
            }
        }

        return best;
    }
}
