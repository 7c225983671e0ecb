namespace Gateway.Governance.Usage.Reports;

/// <summary>Stretches of one length that follow each other: a store finds the point of a row in them by a division.</summary>
/// <param name="Point">Index of the first interval.</param>
/// <param name="First">Start, inclusive.</param>
/// <param name="Past">End, exclusive.</param>
/// <param name="Length">Length of each stretch.</param>
internal readonly record struct UsageRun(int Point, long First, long Past, long Length)
{
    /// <summary>
    /// Joins stretches to runs. A series of a week is 168 stretches and one run: a range of a table's key instead of a join by inequality, which stores plan badly.
    /// </summary>
    public static List<UsageRun> Of(IReadOnlyList<UsageSegment> segments)
    {
        var runs = new List<UsageRun>();
        foreach (var (point, first, past) in segments)
        {
            if (runs.Count > 0 && runs[^1] is var run && run.Past == first && run.Length == past - first && run.Point + ((first - run.First) / run.Length) == point)
            {
                runs[^1] = run with { Past = past };
            }
            else
            {
                runs.Add(new UsageRun(point, first, past, past - first));
            }
        }

        return runs;
    }

    /// <summary>SQL of the point that a moment of the run lies in.</summary>
    /// <param name="column">Column of the moment.</param>
    public string PointSql(string column) => Past - First == Length || Length == 0 ? $"{Point}" : $"{Point} + ({column} - {First}) / {Length}";
}
