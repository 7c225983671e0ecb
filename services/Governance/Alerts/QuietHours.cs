using System.Globalization;

namespace Gateway.Governance.Alerts;

/// <summary>When a channel is left alone, by the clock of a place. Hours that begin in the evening may end the next morning.</summary>
internal static class QuietHours
{
    private const string Form = "HH:mm";

    /// <summary>What is wrong with an hour, or null.</summary>
    public static string? Wrong(string text) => TryParse(text, out _) ? null : "must be a time of day like 22:00.";

    /// <summary>When a message may go out that is ready now.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="now">The moment.</param>
    public static DateTimeOffset NextOpen(AlertChannel channel, DateTimeOffset now)
    {
        if (channel.QuietFrom is not { } from || channel.QuietTo is not { } to || !TryParse(from, out var begin) || !TryParse(to, out var end) || begin == end)
        {
            return now;
        }

        var zone = Zone(channel.TimeZone);
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var time = TimeOnly.FromDateTime(local.DateTime);
        var isQuiet = begin < end ? time >= begin && time < end : time >= begin || time < end;
        if (!isQuiet)
        {
            return now;
        }

        var day = DateOnly.FromDateTime(local.DateTime).AddDays(time < end ? 0 : 1);
        var open = day.ToDateTime(end);
        // A time that a change of clocks leaves out does not come: the hour after it does.
        while (zone.IsInvalidTime(open))
        {
            open = open.AddMinutes(30);
        }

        return new DateTimeOffset(open, zone.GetUtcOffset(open)).ToUniversalTime();
    }

    private static TimeZoneInfo Zone(string? id) => id is not null && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : TimeZoneInfo.Utc;

    private static bool TryParse(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
