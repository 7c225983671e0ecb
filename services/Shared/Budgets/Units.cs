using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>Units of a window's length.</summary>
internal static class Units
{
    private const long Minute = 60_000_000;
    private const long Day = 24 * 60 * Minute;

    /// <summary>The most of each that stay within a year.</summary>
    public static int Most(BudgetWindow unit) => unit switch
    {
        BudgetWindow.Week => 52,
        BudgetWindow.Month => 12,
        BudgetWindow.Year or BudgetWindow.Total => 1,
        _ => 366,
    };

    /// <summary>The last day that a window of this unit may begin on.</summary>
    public static int MostResetDay(BudgetWindow unit) => unit switch
    {
        BudgetWindow.Week => 7,
        BudgetWindow.Month => 31,
        BudgetWindow.Year => 366,
        _ => 1,
    };

    /// <summary>Length where it does not depend on the calendar: of minutes and hours always, of the others in rolling windows.</summary>
    public static long Micros(BudgetWindow unit) => unit switch
    {
        BudgetWindow.Minute => Minute,
        BudgetWindow.Hour => 60 * Minute,
        BudgetWindow.Day => Day,
        BudgetWindow.Week => 7 * Day,
        BudgetWindow.Month => 30 * Day,
        BudgetWindow.Year => 365 * Day,
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "has no length"),
    };

    public static string Name(BudgetWindow unit) => unit switch
    {
        BudgetWindow.Total => "total",
        BudgetWindow.Minute => "minute",
        BudgetWindow.Hour => "hour",
        BudgetWindow.Day => "day",
        BudgetWindow.Week => "week",
        BudgetWindow.Month => "month",
        BudgetWindow.Year => "year",
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "not a budget window"),
    };

    public static string Letters(BudgetWindow unit) => unit switch
    {
        BudgetWindow.Minute => "min",
        BudgetWindow.Hour => "h",
        BudgetWindow.Day => "d",
        BudgetWindow.Week => "w",
        BudgetWindow.Month => "mo",
        BudgetWindow.Year => "y",
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "is not counted"),
    };
}
