using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Reports;

/// <summary>A stretch of time that one kind of table answers for.</summary>
/// <param name="Point">Index of the interval that it counts to.</param>
/// <param name="First">Start, inclusive.</param>
/// <param name="Past">End, exclusive.</param>
internal readonly record struct UsageSegment(int Point, long First, long Past);

/// <summary>How a range is put together: whole months, days and hours each from their own aggregates, ragged ends from the records. So it is exact and fast.</summary>
internal sealed class UsageSegments
{
    public List<UsageSegment> Months { get; } = [];

    public List<UsageSegment> Days { get; } = [];

    public List<UsageSegment> Hours { get; } = [];

    public List<UsageSegment> Records { get; } = [];

    /// <summary>Parts the range between <paramref name="starts"/> and <paramref name="end"/>.</summary>
    public static UsageSegments Of(IReadOnlyList<long> starts, long end)
    {
        var segments = new UsageSegments();
        for (var i = 0; i < starts.Count; i++)
        {
            segments.Add(i, starts[i], i + 1 < starts.Count ? starts[i + 1] : end);
        }

        return segments;
    }

    private void Add(int point, long from, long to)
    {
        var (firstHour, lastHour) = (UsageTime.Ceiling(from, UsageTime.Hour), UsageTime.Floor(to, UsageTime.Hour));
        if (firstHour >= lastHour)
        {
            Put(Records, point, from, to);
            return;
        }

        Put(Records, point, from, firstHour);
        Put(Records, point, lastHour, to);
        var (firstDay, lastDay) = (UsageTime.Ceiling(firstHour, UsageTime.Day), UsageTime.Floor(lastHour, UsageTime.Day));
        if (firstDay >= lastDay)
        {
            Put(Hours, point, firstHour, lastHour);
            return;
        }

        Put(Hours, point, firstHour, firstDay);
        Put(Hours, point, lastDay, lastHour);
        var (firstMonth, lastMonth) = (UsageTime.CeilingMonth(firstDay), UsageTime.FloorMonth(lastDay));
        if (firstMonth >= lastMonth)
        {
            Put(Days, point, firstDay, lastDay);
            return;
        }

        Put(Days, point, firstDay, firstMonth);
        Put(Months, point, firstMonth, lastMonth);
        Put(Days, point, lastMonth, lastDay);
    }

    private static void Put(List<UsageSegment> segments, int point, long from, long to)
    {
        if (from < to)
        {
            segments.Add(new UsageSegment(point, from, to));
        }
    }
}
