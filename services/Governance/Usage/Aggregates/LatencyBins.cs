using System.Globalization;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>
/// Histogram of durations: four bins to a doubling from one millisecond on, so that a percentile read from it is off by at most 9 %. Numbers of bins are persisted.
/// </summary>
internal static class LatencyBins
{
    private const int PerDoubling = 4;

    /// <summary>The last bin: everything from about nine hours on.</summary>
    public const int Last = 100;

    /// <summary>The bin of a duration in microseconds.</summary>
    public static int Of(long micros) => micros < 1000 ? 0 : Math.Min(Last, 1 + (int)(Math.Log2(micros / 1000.0) * PerDoubling));

    /// <summary>SQL of the bin of a column of microseconds: a search by halves, as not every store knows logarithms.</summary>
    public static string Sql(string column)
    {
        return Search(0, Last);

        string Search(int first, int last)
        {
            if (first == last)
            {
                return first.ToString(CultureInfo.InvariantCulture);
            }

            var middle = (first + last + 1) / 2;
            return string.Create(CultureInfo.InvariantCulture, $"CASE WHEN {column} < {Least(middle)} THEN {Search(first, middle - 1)} ELSE {Search(middle, last)} END");
        }
    }

    // The shortest duration of a bin above the first.
    private static long Least(int bin) => (long)Math.Ceiling(1000 * Math.Pow(2, (bin - 1.0) / PerDoubling));

    /// <summary>A duration in the middle of a bin, in microseconds.</summary>
    public static long Middle(int bin) => bin == 0 ? 500 : (long)(1000 * Math.Pow(2, (bin - 0.5) / PerDoubling));

    /// <summary>The duration that <paramref name="share"/> of all lie below, from counts by bin; 0 when there are none.</summary>
    public static long Percentile(IReadOnlyList<(int Bin, long Count)> counts, double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(counts.Sum(c => c.Count) * share));
        var seen = 0L;
        foreach (var (bin, count) in counts.OrderBy(c => c.Bin))
        {
            seen += count;
            if (seen >= wanted)
            {
                return Middle(bin);
            }
        }

        return 0;
    }
}
