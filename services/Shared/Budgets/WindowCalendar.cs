using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>
/// The calendar of one kind of window. Minutes and hours are of fixed length, counted from 1970-01-01 00:00 in the zone's standard time. Days and longer units are
/// counted by the zone's wall clock from 1970-01-01 (days), Monday 1969-12-29 (weeks), January 1970 (months) or 1970 (years), and begin at midnight of the reset day:
/// the first moment at which the wall clock shows it or, where the clock jumps over it, the moment of the jump.
/// </summary>
internal sealed class WindowCalendar(BudgetWindowEntry window)
{
    private const long MicrosPerDay = 86_400_000_000;

    // 1970-01-01 was a Thursday.
    private const int MondayBeforeEpoch = -3;
    private static readonly long _earliest = Micros(new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    private static readonly long _latest = Micros(new DateTime(3000, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(window.TimeZone);

    public static bool NeverEnds(BudgetWindowEntry window) => window.Rolling || window.Unit == BudgetWindow.Total;

    public static long FloorDiv(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);

    /// <summary>The window around an instant; what lies before 1900 or after 3000 is taken for these years.</summary>
    public (long Start, long End) Around(long micros)
    {
        micros = Math.Clamp(micros, _earliest, _latest - 1);
        if (window.Unit is BudgetWindow.Minute or BudgetWindow.Hour)
        {
            var length = Units.Micros(window.Unit) * window.Count;
            var standard = _zone.BaseUtcOffset.Ticks / TimeSpan.TicksPerMicrosecond;
            var start = (FloorDiv(micros + standard, length) * length) - standard;
            return (start, start + length);
        }

        // The wall clock names the window, except near a change of the clock across its border: then it is a neighbour.
        var index = IndexOf(micros + Offset(micros));
        var (from, until) = (Begin(index), Begin(index + 1));
        while (micros < from)
        {
            index--;
            (from, until) = (Begin(index), from);
        }

        while (micros >= until)
        {
            index++;
            (from, until) = (until, Begin(index + 1));
        }

        return (from, until);
    }

    private static long Micros(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Number of the window that a wall clock time lies in.</summary>
    private long IndexOf(long local)
    {
        var day = FloorDiv(local, MicrosPerDay);
        if (window.Unit is BudgetWindow.Day or BudgetWindow.Week)
        {
            var (origin, length) = Days();
            return FloorDiv(day - origin, length);
        }

        var date = DateTime.UnixEpoch.AddDays(day);
        var months = window.Unit == BudgetWindow.Year ? 12 : window.Count;
        var index = FloorDiv(((date.Year - 1970) * 12) + date.Month - 1, months);
        return day < BeginDay(index) ? index - 1 : index;
    }

    /// <summary>The moment at which a window begins.</summary>
    private long Begin(long index) => FirstMomentOf(BeginDay(index) * MicrosPerDay);

    private long BeginDay(long index)
    {
        if (window.Unit is BudgetWindow.Day or BudgetWindow.Week)
        {
            var (origin, length) = Days();
            return origin + (index * length);
        }

        if (window.Unit == BudgetWindow.Year)
        {
            var january = new DateTime((int)(1970 + index), 1, 1, 0, 0, 0, DateTimeKind.Utc);
            return Day(january) + Math.Min(window.ResetDay, DateTime.IsLeapYear(january.Year) ? 366 : 365) - 1;
        }

        var first = DateTime.UnixEpoch.AddMonths((int)(index * window.Count));
        return Day(first) + Math.Min(window.ResetDay, DateTime.DaysInMonth(first.Year, first.Month)) - 1;
    }

    private (int Origin, int Length) Days()
        => window.Unit == BudgetWindow.Day ? (0, window.Count) : (MondayBeforeEpoch + window.ResetDay - 1, 7 * window.Count);

    private static long Day(DateTime date) => (date - DateTime.UnixEpoch).Days;

    /// <summary>
    /// The first moment at which the zone's wall clock shows <paramref name="local"/> or later. Asked of the offsets alone: a clock that is set over a whole day, as in
    /// Samoa in 2011, is no daylight saving time to the library.
    /// </summary>
    private long FirstMomentOf(long local)
    {
        // Offsets lie within -12 to +14 hours, so the moment lies in between.
        var before = local - (14L * 3_600_000_000);
        var after = local + (12L * 3_600_000_000);
        var (earlier, later) = (Offset(before), Offset(after));
        if (earlier == later)
        {
            return local - earlier;
        }

        while (after - before > 1)
        {
            var middle = before + ((after - before) / 2);
            (before, after) = Offset(middle) == earlier ? (middle, after) : (before, middle);
        }

        var change = after;
        return local - earlier < change ? local - earlier : Math.Max(local - later, change);
    }

    private long Offset(long micros) => _zone.GetUtcOffset(DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)).Ticks / TimeSpan.TicksPerMicrosecond;
}
