using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>The windows of budgets: their list, their names, and when each begins and ends. The ledger and the edges compute them here and nowhere else.</summary>
public static class BudgetWindows
{
    /// <summary>Separates the budget's id and the window's key in the name of an account; neither contains it.</summary>
    public const char AccountSeparator = '#';

    /// <summary>All windows of a budget, its shorthand first.</summary>
    public static IReadOnlyList<BudgetWindowEntry> Of(BudgetEntry budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return budget.LimitNanoUsd is { } limit ? [new BudgetWindowEntry { LimitNanoUsd = limit, Unit = budget.Window }, .. budget.Windows] : budget.Windows;
    }

    /// <summary>
    /// The window's name: unique within a budget, without spaces and without its amount, so that what was spent survives a changed amount. For example <c>month</c>,
    /// <c>3d</c>, <c>rolling-30d</c>, <c>month@15~Europe/Berlin</c>.
    /// </summary>
    public static string Key(BudgetWindowEntry window) => WindowKey.Write(window);

    /// <summary>Reads what <see cref="Key"/> wrote, without an amount; null when it is no such name or its time zone is not known here.</summary>
    public static BudgetWindowEntry? Parse(string key) => WindowKey.Read(key);

    /// <summary>The name of a window's account, as usage records carry it: <c>budget#window</c>.</summary>
    public static string Account(string budgetId, BudgetWindowEntry window) => budgetId + AccountSeparator + Key(window);

    /// <summary>The budget's id and the window's key of an account's name; null when it has no separator.</summary>
    public static (string BudgetId, string Window)? SplitAccount(string account)
    {
        ArgumentNullException.ThrowIfNull(account);
        var at = account.IndexOf(AccountSeparator, StringComparison.Ordinal);
        return at <= 0 || at == account.Length - 1 ? null : (account[..at], account[(at + 1)..]);
    }

    /// <summary>
    /// The window that an instant lies in, in microseconds since 1970-01-01 UTC: start included, end excluded. 0 and <see cref="long.MaxValue"/> for one that never resets or
    /// rolls. Where this is asked often, keep a <see cref="WindowClock"/>.
    /// </summary>
    public static (long Start, long End) Around(BudgetWindowEntry window, long micros)
    {
        ArgumentNullException.ThrowIfNull(window);
        return WindowCalendar.NeverEnds(window) ? (0, long.MaxValue) : new WindowCalendar(window).Around(micros);
    }

    /// <summary>Length of one of the 60 parts that a rolling window is counted in, in microseconds; 0 for one that does not roll. A rolling month is 30 days, a rolling year 365.</summary>
    public static long PartLength(BudgetWindowEntry window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return window.Rolling ? Units.Micros(window.Unit) * window.Count / RollingWindows.Parts : 0;
    }
}
