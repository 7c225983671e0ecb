using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Reports;

/// <summary>Boundaries of the intervals of a series.</summary>
internal static class UsageIntervals
{
    /// <summary>Most points of a series.</summary>
    public const int Most = 1_000;

    /// <summary>Most points of minutes, which no aggregates are kept of: three hours.</summary>
    public const int MostMinutes = 181;

    /// <summary>Starts of the intervals that the range touches, the first one cut to the range; null when there are more than <see cref="Most"/>, or of minutes more than <see cref="MostMinutes"/>.</summary>
    public static IReadOnlyList<long>? Starts(UsageInterval interval, TimeZoneInfo zone, long from, long to)
    {
        var starts = new List<long>();
        if (from >= to)
        {
            return starts;
        }

        starts.Add(from);
        if (interval == UsageInterval.None)
        {
            return starts;
        }

        var local = TimeZoneInfo.ConvertTime(UsageTime.Instant(from), zone).DateTime;
        var next = interval switch
        {
            UsageInterval.Hour or UsageInterval.Minute => DateTime.MinValue,
            UsageInterval.Day => local.Date,
            UsageInterval.Week => local.Date.AddDays(-(((int)local.DayOfWeek + 6) % 7)),
            _ => new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified),
        };
        while (true)
        {
            long start;
            if (interval is UsageInterval.Hour or UsageInterval.Minute)
            {
                var unit = interval == UsageInterval.Hour ? UsageTime.Hour : UsageTime.Minute;
                start = UsageTime.Floor(starts[^1], unit) + unit;
            }
            else
            {
                next = interval switch { UsageInterval.Day => next.AddDays(1), UsageInterval.Week => next.AddDays(7), _ => next.AddMonths(1) };
                start = Instant(next, zone);
            }

            if (start >= to)
            {
                return starts;
            }

            if (starts.Count == (interval == UsageInterval.Minute ? MostMinutes : Most))
            {
                return null;
            }

            // Aggregates are of whole hours: where a zone is half an hour off, an hour belongs to the day that it begins in.
            starts.Add(interval == UsageInterval.Minute ? start : UsageTime.Ceiling(start, UsageTime.Hour));
        }
    }

    private static long Instant(DateTime local, TimeZoneInfo zone)
    {
        // Midnight that the clocks skip: the day begins when they have moved.
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return UsageTime.Micros(new DateTimeOffset(local, offset));
    }
}
