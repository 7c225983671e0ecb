using Gateway.Budgets;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>
/// The money of one window of one budget on this edge. What a request holds and settles counts in the window that the request's start lies in, however long it runs.
/// Under governance an edge spends what the ledger leased to it; alone, what the limit leaves.
/// </summary>
internal sealed partial class BudgetAccount
{
    /// <summary>No amount is larger, so that sums of a few never overflow.</summary>
    public const long Most = BudgetAmounts.Most;

    private readonly Lock _lock = new();
    private readonly BudgetBook _book;
    private readonly long _partLength;
    private BudgetEntry _budget;
    private BudgetWindowEntry _window;
    private AccountWindow _current;
    private long _wouldHaveRefused;

    public BudgetAccount(BudgetBook book, string name, BudgetEntry budget, BudgetWindowEntry window)
    {
        _book = book;
        _budget = budget;
        _window = window;
        _partLength = BudgetWindows.PartLength(window);
        Name = name;
        WindowKey = BudgetWindows.Key(window);
        _current = Open(book.NowMicros);
    }

    /// <summary>As usage records carry it: <c>budget#window</c>.</summary>
    public string Name { get; }

    public string WindowKey { get; }

    public BudgetEntry Budget => _budget;

    public BudgetWindowEntry Window => _window;

    /// <summary>Requests that would have been refused if the budget were not on trial.</summary>
    public long WouldHaveRefused => Volatile.Read(ref _wouldHaveRefused);

    /// <summary>True when the ledger said that nothing or nearly nothing is left for anybody.</summary>
    public bool IsScarce
    {
        get
        {
            lock (_lock)
            {
                return _current.News is { Scarce: true };
            }
        }
    }

    /// <summary>What is leased to this edge in the running window and neither held nor spent.</summary>
    public long LeasedFree
    {
        get
        {
            lock (_lock)
            {
                return _current.Local is null ? Math.Max(0, _current.Free) : 0;
            }
        }
    }

    /// <summary>What was leased to this edge in the running window.</summary>
    public long LeasedGranted
    {
        get
        {
            lock (_lock)
            {
                return _current.Local is null ? _current.Granted : 0;
            }
        }
    }

    /// <summary>Settled, held and window at one instant.</summary>
    public BudgetFigures Figures
    {
        get
        {
            lock (_lock)
            {
                var window = At_NeedsLock(_book.NowMicros);
                var settled = window.Local?.Within(_book.NowMicros) ?? window.Spent;
                var percent = window.News?.SpentPercent ?? (_window.LimitNanoUsd == 0 ? 100 : settled * 100d / _window.LimitNanoUsd);
                return new BudgetFigures(window.Start, window.End, settled, window.Held, percent);
            }
        }
    }

    /// <summary>Reads what a hold reads and locks nothing; see <see cref="Nearness"/>.</summary>
    public long Touch() => (_lock.IsHeldByCurrentThread ? 1 : 0) + Volatile.Read(ref _current).Touch();

    /// <summary>Takes a changed amount, changed overrides and the like into force without losing what was spent.</summary>
    public void Update(BudgetEntry budget, BudgetWindowEntry window)
    {
        lock (_lock)
        {
            _budget = budget;
            _window = window;
        }
    }

    /// <summary>Holds an amount or nothing.</summary>
    /// <param name="micros">Start of the request, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="nanoUsd">The amount; 0 always fits.</param>
    /// <param name="now">Timestamp of this moment.</param>
    public HoldOutcome TryHold(long micros, long nanoUsd, long now)
    {
        if (nanoUsd <= 0)
        {
            return HoldOutcome.Held;
        }

        bool wants;
        HoldOutcome outcome;
        lock (_lock)
        {
            var window = At_NeedsLock(micros);
            if (window.Local is not null)
            {
                Refresh_NeedsLock(window);
            }

            window.Demand.Add(nanoUsd, now);
            outcome = now >= window.ExpiresAt ? HoldOutcome.Lapsed : nanoUsd > window.Free ? HoldOutcome.NoRoom : HoldOutcome.Held;
            if (outcome != HoldOutcome.Held && _budget.DryRun)
            {
                Try_NeedsLock(window, nanoUsd);
                wants = window.Local is null && WantsAfterHold_NeedsLock(window, outcome);
                window.Held += nanoUsd;
                outcome = HoldOutcome.Held;
            }
            else
            {
                window.Held += outcome == HoldOutcome.Held ? nanoUsd : 0;
                wants = window.Local is null && WantsAfterHold_NeedsLock(window, outcome);
            }
        }

        if (wants)
        {
            _book.Want(this);
        }

        return outcome;
    }

    /// <summary>Replaces a hold by what was really used.</summary>
    /// <param name="micros">Start of the request, as it was held with.</param>
    /// <param name="held">What was held.</param>
    /// <param name="used">What is charged.</param>
    public void Settle(long micros, long held, long used)
    {
        if (held == 0 && used == 0)
        {
            return;
        }

        bool wants;
        lock (_lock)
        {
            var window = At_NeedsLock(micros);
            window.Held -= held;
            window.Spent += used;
            window.Local?.Add(micros, used);
            wants = window.Local is null && WantsAfterSettle_NeedsLock(window);
        }

        if (wants)
        {
            _book.Want(this);
        }
    }

    /// <summary>Takes back what was charged, where this edge is its own ledger; under governance the record of it does.</summary>
    /// <param name="micros">Start of the request that was charged.</param>
    /// <param name="nanoUsd">The amount.</param>
    public void GiveBack(long micros, long nanoUsd) => Restore(micros, -nanoUsd);

    /// <summary>Counts what an earlier run of an edge that is alone spent.</summary>
    public void Restore(long micros, long used)
    {
        lock (_lock)
        {
            At_NeedsLock(micros).Local?.Add(micros, used);
        }
    }

    /// <summary>Where a window, or for a rolling one its part, begins: what a sum of spent money is kept by.</summary>
    public long SumStart(long micros)
    {
        lock (_lock)
        {
            return _partLength == 0 ? At_NeedsLock(micros).Start : RollingWindows.PartOf(micros, _partLength) * _partLength;
        }
    }

    /// <summary>True when a sum that begins at this moment no longer counts.</summary>
    public bool IsPast(long sumStart) =>
        _partLength == 0 ? sumStart < Figures.WindowStart : _book.NowMicros >= RollingWindows.CountsUntil(RollingWindows.PartOf(sumStart, _partLength), _partLength);

    /// <summary>Counts what would have been refused if the budget were not on trial.</summary>
    private void Try_NeedsLock(AccountWindow window, long nanoUsd)
    {
        if (window.Local is not null || (window.News is { } news && (news.Scarce || IsEmpty_NeedsLock(window, nanoUsd))))
        {
            _wouldHaveRefused++;
        }
        else
        {
            // This edge has no lease that reaches; whether the ledger had granted one, its next answer tells.
            window.Undecided++;
        }
    }

    private void Refresh_NeedsLock(AccountWindow window)
    {
        // What is leased is what the limit leaves; the spent part cancels out, as it is in both.
        var overrides = _budget.Overrides.Count == 0 ? 0 : BudgetAmounts.Overrides(_budget, _book.Now);
        window.Granted = _window.LimitNanoUsd + overrides - window.Local!.Within(_partLength == 0 ? 0 : _book.NowMicros) + window.Spent;
        window.ExpiresAt = long.MaxValue;
    }

    private AccountWindow At_NeedsLock(long micros)
    {
        if (micros >= _current.Start && micros < _current.End)
        {
            return _current;
        }

        if (micros >= _current.End)
        {
            var next = Open(micros);
            next.Older = _current;
            _current = next;
            Forget_NeedsLock();
            return next;
        }

        for (var newer = _current; ; newer = newer.Older)
        {
            if (newer.Older is not { } older || micros >= older.End)
            {
                // A request that began before the account was first used.
                var missing = Open(micros);
                missing.Older = newer.Older;
                newer.Older = missing;
                return missing;
            }

            if (micros >= older.Start)
            {
                return older;
            }
        }
    }

    private AccountWindow Open(long micros)
    {
        var (start, end) = BudgetWindows.Around(_window, micros);
        return new AccountWindow(start, end) { Local = _book.IsLocal ? new LocalSpend(_partLength) : null };
    }

    /// <summary>Lets go of past windows that nothing depends on.</summary>
    private void Forget_NeedsLock()
    {
        for (var newer = _current; newer.Older is { } older;)
        {
            if (older.Held == 0 && (older.Local is not null || IsAtRest(older)) && !_waiters.Exists(w => w.Window == older))
            {
                newer.Older = older.Older;
            }
            else
            {
                newer = older;
            }
        }
    }
}

/// <summary>Figures of an account at one instant, in nano-US-dollars and microseconds since 1970-01-01 UTC.</summary>
/// <param name="WindowStart">Start of the window.</param>
/// <param name="WindowEnd">Its end; <see cref="long.MaxValue"/> for one that never resets or rolls.</param>
/// <param name="Settled">Settled by this edge.</param>
/// <param name="Held">Held by its requests.</param>
/// <param name="UsedPercent">Settled by all edges as far as known, in per cent of the limit.</param>
internal readonly record struct BudgetFigures(long WindowStart, long WindowEnd, long Settled, long Held, double UsedPercent);
