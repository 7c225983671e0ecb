using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>The windows of one entry, asked often: the last one found is kept, and asking within it allocates nothing. Safe for use by several threads.</summary>
public sealed class WindowClock
{
    private readonly WindowCalendar? _calendar;
    private Interval _last;

    /// <param name="window">The window; it has no problems.</param>
    /// <exception cref="TimeZoneNotFoundException">The time zone is not known on this machine.</exception>
    public WindowClock(BudgetWindowEntry window)
    {
        ArgumentNullException.ThrowIfNull(window);
        Window = window;
        Key = BudgetWindows.Key(window);
        PartLength = BudgetWindows.PartLength(window);
        _calendar = WindowCalendar.NeverEnds(window) ? null : new WindowCalendar(window);
        _last = new Interval(0, _calendar is null ? long.MaxValue : 0);
    }

    /// <summary>The window.</summary>
    public BudgetWindowEntry Window { get; }

    /// <summary>Its name, as <see cref="BudgetWindows.Key"/> writes it.</summary>
    public string Key { get; }

    /// <summary>As <see cref="BudgetWindows.PartLength"/>.</summary>
    public long PartLength { get; }

    /// <summary>As <see cref="BudgetWindows.Around"/>.</summary>
    public (long Start, long End) Around(long micros)
    {
        var last = Volatile.Read(ref _last);
        if (_calendar is null || (micros >= last.Start && micros < last.End))
        {
            return (last.Start, last.End);
        }

        var (start, end) = _calendar.Around(micros);
        Volatile.Write(ref _last, new Interval(start, end));
        return (start, end);
    }

    private sealed record Interval(long Start, long End);
}
