using System.Collections.Concurrent;
using Gateway.Budgets;

namespace Gateway.Governance.Ledger;

/// <summary>
/// The windows of names that records and edges write. A name says everything about a window but its amount, so that what is charged to one that is no longer configured, or
/// not yet known here, is counted where it belongs.
/// </summary>
internal sealed class WindowClocks
{
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<string, WindowClock?> _clocks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string BudgetId, WindowClock Clock)?> _accounts = new(StringComparer.Ordinal);

    /// <summary>The window of a key, or null when it is none.</summary>
    public WindowClock? Of(string key)
    {
        if (_clocks.TryGetValue(key, out var known))
        {
            return known;
        }

        var clock = BudgetWindows.Parse(key) is { } window ? new WindowClock(window) : null;
        Bound(_clocks);
        return _clocks.GetOrAdd(key, clock);
    }

    /// <summary>The budget and window of an account's name, or null when it is none.</summary>
    public (string BudgetId, WindowClock Clock)? OfAccount(string account)
    {
        if (_accounts.TryGetValue(account, out var known))
        {
            return known;
        }

        var found = BudgetWindows.SplitAccount(account) is { } parts && Of(parts.Window) is { } clock ? (parts.BudgetId, clock) : ((string, WindowClock)?)null;
        Bound(_accounts);
        return _accounts.GetOrAdd(account, found);
    }

    // Names come from edges, which take them from the configuration; they are bounded all the same, and made anew at a small cost.
    private static void Bound<T>(ConcurrentDictionary<string, T> map)
    {
        if (map.Count >= Most)
        {
            map.Clear();
        }
    }
}
