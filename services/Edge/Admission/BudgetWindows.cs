using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission;

/// <summary>The calendar windows of budgets, in UTC.</summary>
internal static class BudgetWindows
{
    /// <summary>The window that <paramref name="now"/> lies in: start included, end excluded.</summary>
    public static (DateTime Start, DateTime End) Around(BudgetWindow window, DateTime now)
    {
        var day = now.Date;
        switch (window)
        {
            case BudgetWindow.Minute:
                var minute = day.AddHours(now.Hour).AddMinutes(now.Minute);
                return (minute, minute.AddMinutes(1));
            case BudgetWindow.Hour:
                var hour = day.AddHours(now.Hour);
                return (hour, hour.AddHours(1));
            case BudgetWindow.Day:
                return (day, day.AddDays(1));
            case BudgetWindow.Week:
                var monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
                return (monday, monday.AddDays(7));
            case BudgetWindow.Month:
                var first = new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Utc);
                return (first, first.AddMonths(1));
            case BudgetWindow.Year:
                var january = new DateTime(now.Year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
                return (january, january.AddYears(1));
            case BudgetWindow.Total:
                return (DateTime.MinValue, DateTime.MaxValue);
            default:
                throw new ArgumentOutOfRangeException(nameof(window), window, "not a budget window");
        }
    }
}
