using System.Globalization;
using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Rendering;

/// <summary>A span of time up to now, as the address of a page names it.</summary>
/// <param name="Name">For example <c>24h</c>.</param>
/// <param name="Length">How long.</param>
/// <param name="Interval">Points of a series of it: minute, hour, day, week or month.</param>
public sealed record TimeRange(string Name, TimeSpan Length, string Interval)
{
    public static IReadOnlyList<TimeRange> All { get; } =
    [
        new("1h", TimeSpan.FromHours(1), "minute"),
        new("24h", TimeSpan.FromHours(24), "hour"),
        new("7d", TimeSpan.FromDays(7), "hour"),
        new("30d", TimeSpan.FromDays(30), "day"),
        new("90d", TimeSpan.FromDays(90), "day"),
        new("1y", TimeSpan.FromDays(365), "week"),
    ];

    /// <summary>The range of a page's address.</summary>
    public static TimeRange Of(PageContext page, string otherwise = "24h") => All.FirstOrDefault(r => r.Name == page.Query("range")) ?? All.First(r => r.Name == otherwise);

    /// <summary>Its beginning, as the admin API takes it: on the hour, so that sums of whole hours answer, or on the minute.</summary>
    public string From(DateTimeOffset now)
    {
        var from = now.ToUniversalTime() - Length;
        return Text(Interval == "minute" ? new DateTimeOffset(from.Year, from.Month, from.Day, from.Hour, from.Minute, 0, TimeSpan.Zero).AddMinutes(1)
            : new DateTimeOffset(from.Year, from.Month, from.Day, from.Hour, 0, 0, TimeSpan.Zero).AddHours(1));
    }

    /// <summary>The starts of its points, so that those without requests are drawn as nothing and not left out.</summary>
    public IReadOnlyList<DateTimeOffset> Points(DateTimeOffset now)
    {
        var first = DateTimeOffset.Parse(From(now), CultureInfo.InvariantCulture);
        var starts = new List<DateTimeOffset>();
        for (var at = Start(first); at <= now && starts.Count < 400; at = Next(at))
        {
            starts.Add(at);
        }

        return starts;
    }

    /// <summary>The values of a report's series at <see cref="Points"/>. The first interval of a report begins where the range does: it belongs to the point that it lies in.</summary>
    /// <param name="series">The report's series.</param>
    /// <param name="now">As for the points.</param>
    /// <param name="value">What is taken of each.</param>
    /// <param name="nothing">What stands where the series has no interval.</param>
    public double[] Values(J series, DateTimeOffset now, Func<J, double> value, double nothing = 0)
    {
        var byStart = new Dictionary<DateTimeOffset, double>();
        foreach (var point in series.Items)
        {
            if (point["start"].Time is { } at)
            {
                byStart[Start(at.ToUniversalTime())] = value(point);
            }
        }

        return [.. Points(now).Select(p => byStart.GetValueOrDefault(p, nothing))];
    }

    private DateTimeOffset Start(DateTimeOffset at) => Interval switch
    {
        "minute" => new(at.Year, at.Month, at.Day, at.Hour, at.Minute, 0, TimeSpan.Zero),
        "hour" => new(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero),
        "week" => new DateTimeOffset(at.Date, TimeSpan.Zero).AddDays(-(((int)at.DayOfWeek + 6) % 7)),
        _ => new(at.Date, TimeSpan.Zero),
    };

    private DateTimeOffset Next(DateTimeOffset at) => Interval switch { "minute" => at.AddMinutes(1), "hour" => at.AddHours(1), "week" => at.AddDays(7), _ => at.AddDays(1) };

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
