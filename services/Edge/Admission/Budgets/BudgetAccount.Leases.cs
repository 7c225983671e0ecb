using Gateway.Budgets;
using Gateway.Contracts.Budgets;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>The leases of an account's windows: what is asked of the ledger, and what its answers change.</summary>
internal sealed partial class BudgetAccount
{
    // The ledger hears of a lease at least this often: so it is renewed long before it expires, and scarcity is learnt of soon.
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(1);

    // What was granted to a request that waited is not given back before that request had its chance to take it.
    private static readonly TimeSpan _grace = TimeSpan.FromMilliseconds(250);

    private readonly List<LeaseWaiter> _waiters = [];

    /// <summary>Next in the chain of accounts that want to be asked about; owned by the book.</summary>
    public BudgetAccount? NextWanting { get; set; }

    /// <summary>1 while in that chain.</summary>
    public int IsWanting;

    /// <summary>Puts a request in line for the window that it falls in.</summary>
    public LeaseWaiter Wait(long micros, long nanoUsd)
    {
        LeaseWaiter waiter;
        lock (_lock)
        {
            waiter = new LeaseWaiter(At_NeedsLock(micros), nanoUsd);
            _waiters.Add(waiter);
        }

        _book.Want(this);
        return waiter;
    }

    /// <summary>Takes a request out of the line.</summary>
    public void Leave(LeaseWaiter waiter)
    {
        lock (_lock)
        {
            _waiters.Remove(waiter);
        }
    }

    /// <summary>Adds what is to be asked now about each window.</summary>
    /// <param name="now">Timestamp of this moment, before the question is sent.</param>
    /// <param name="questions">Takes them.</param>
    /// <returns>True while anything is leased, held or waited for, so that the account has to be looked at again.</returns>
    public bool Ask(long now, List<LeaseQuestion> questions)
    {
        lock (_lock)
        {
            var nowMicros = _book.NowMicros;
            var isActive = false;
            for (var window = _current; window is not null; window = window.Older)
            {
                if (Ask_NeedsLock(window, now, nowMicros) is { } ask)
                {
                    questions.Add(new LeaseQuestion(this, window, ask));
                    window.Demand.AskedAt = now;
                }

                isActive |= window.Held != 0 || !IsAtRest(window);
            }

            Forget_NeedsLock();
            return isActive || _waiters.Count > 0;
        }
    }

    /// <summary>Takes an answer of the ledger.</summary>
    /// <param name="window">The window asked about.</param>
    /// <param name="grant">The answer.</param>
    /// <param name="sentAt">Timestamp of before the question was sent.</param>
    public void Apply(AccountWindow window, LeaseGrant grant, long sentAt)
    {
        bool wants;
        lock (_lock)
        {
            if (window.News is null)
            {
                // A past window that was let go of when the ledger knew everything of it: what was granted then was spent and returned then.
                (window.Returned, window.Spent) = (Math.Max(window.Returned, grant.Returned), Math.Max(window.Spent, grant.Spent));
            }

            // An answer that comes late grants less than a later one did, never more.
            window.Granted = Math.Max(window.Granted, grant.Granted);
            window.ExpiresAt = Math.Max(window.ExpiresAt, sentAt + (long)(grant.ExpiresInMs / 1000d * _book.Time.TimestampFrequency));
            window.News = new LeaseNews(grant.Scarce, grant.SpentPercent);
            window.Demand.Answered();
            if (window.Undecided > 0)
            {
                _wouldHaveRefused += window.News.Scarce || window.News.SpentPercent >= 100 ? window.Undecided : 0;
                window.Undecided = 0;
            }

            var free = window.Free;
            foreach (var waiter in TakeAsked_NeedsLock(window))
            {
                if (waiter.NanoUsd <= free)
                {
                    free -= waiter.NanoUsd;
                    window.Demand.PromisedAt = _book.Time.GetTimestamp();
                    waiter.Complete(LeaseAnswer.Room);
                }
                else
                {
                    waiter.Complete(IsEmpty_NeedsLock(window, waiter.NanoUsd) ? LeaseAnswer.Empty : LeaseAnswer.Short);
                }
            }

            wants = WantsAfterSettle_NeedsLock(window);
        }

        if (wants)
        {
            _book.Want(this);
        }
    }

    /// <summary>Tells those that a question was asked for that there is no answer.</summary>
    public void Fail(AccountWindow window)
    {
        lock (_lock)
        {
            foreach (var waiter in TakeAsked_NeedsLock(window))
            {
                waiter.Complete(LeaseAnswer.Unavailable);
            }
        }
    }

    private static bool IsAtRest(AccountWindow window) => window.Granted - window.Returned - window.Spent <= 0 && window.Demand.IsTold(window);

    private static bool WantsAfterHold_NeedsLock(AccountWindow window, HoldOutcome outcome) =>
        (outcome != HoldOutcome.Held || window.News is null || (window.News is { Scarce: false } && window.Free < window.Demand.LowWater)) && window.Demand.TryNote();

    private static bool WantsAfterSettle_NeedsLock(AccountWindow window) => window.News is { Scarce: true } && window.Free > 0 && window.Demand.TryNote();

    private LeaseAsk? Ask_NeedsLock(AccountWindow window, long now, long nowMicros)
    {
        var demand = window.Demand;
        demand.Noted();
        var (needed, waiting) = Waiting_NeedsLock(window);
        var target = nowMicros >= window.End || window.News is { Scarce: true } ? 0 : demand.Target(now, _book.Time);
        demand.LowWater = target / 2;
        var free = window.Free;
        var givesBack = waiting == 0 && free > 2 * target && (demand.PromisedAt == 0 || _book.Time.GetElapsedTime(demand.PromisedAt, now) >= _grace);
        if (givesBack)
        {
            window.Returned += free - target;
        }

        var isDue = (window.Held != 0 || !IsAtRest(window)) && _book.Time.GetElapsedTime(demand.AskedAt, now) >= _heartbeat;
        if (waiting == 0 && !givesBack && !isDue && (target == 0 || free >= target / 2))
        {
            return null;
        }

        demand.Tell(window);
        return new LeaseAsk
        {
            BudgetId = _budget.Id,
            Window = WindowKey,
            Start = window.Start,
            Granted = window.Granted,
            Returned = window.Returned,
            Spent = window.Spent,
            Held = window.Held,
            Wanted = Math.Min(Most, Math.Max(target, waiting)),
            Needed = needed,
        };
    }

    private (long First, long All) Waiting_NeedsLock(AccountWindow window)
    {
        var (first, all) = (0L, 0L);
        foreach (var waiter in _waiters)
        {
            if (waiter.Window == window)
            {
                first = first == 0 ? waiter.NanoUsd : first;
                all = Math.Min(Most, all + waiter.NanoUsd);
                waiter.IsAsked = true;
            }
        }

        return (first, all);
    }

    private List<LeaseWaiter> TakeAsked_NeedsLock(AccountWindow window)
    {
        if (_waiters.Count == 0)
        {
            return _waiters;
        }

        var asked = _waiters.FindAll(w => w.IsAsked && w.Window == window);
        _waiters.RemoveAll(w => w.IsAsked && w.Window == window);
        return asked;
    }

    // What the ledger tells is rounded; where it is that close, one more question decides.
    private bool IsEmpty_NeedsLock(AccountWindow window, long nanoUsd)
    {
        var limit = (double)_window.LimitNanoUsd + BudgetAmounts.Overrides(_budget, _book.Now);
        return (limit * (1 - (window.News!.SpentPercent / 100))) + (limit * 1e-9) + 1 < nanoUsd;
    }
}

/// <summary>A question about one window.</summary>
internal readonly record struct LeaseQuestion(BudgetAccount Account, AccountWindow Window, LeaseAsk Ask);
