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

    /// <summary>SQL of the bin of a column of microseconds.</summary>
    public static string Sql(string column) => string.Create(
        CultureInfo.InvariantCulture,
        $"CASE WHEN {column} < 1000 THEN 0 WHEN {column} >= {(long)(1000 * Math.Pow(2, (Last - 1.0) / PerDoubling))} THEN {Last} ELSE 1 + CAST(FLOOR(LN(CAST({column} AS DOUBLE PRECISION) / 1000) / LN(2.0) * {PerDoubling}) AS BIGINT) END");

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
