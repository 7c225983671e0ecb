namespace Gateway.Edge.Admission.Budgets;

/// <summary>
/// One window of an account. Guarded by the account's lock. Amounts are nano-US-dollars and totals of this run of the edge. Invariant: a hold is granted only while
/// spent + held + amount stays within granted − returned.
/// </summary>
internal sealed class AccountWindow(long start, long end)
{
    /// <summary>Start in microseconds since 1970-01-01 UTC, included.</summary>
    public long Start { get; } = start;

    /// <summary>End in microseconds since 1970-01-01 UTC, excluded.</summary>
    public long End { get; } = end;

    public long Granted { get; set; }

    public long Returned { get; set; }

    public long Spent { get; set; }

    /// <summary>Held by requests at this moment.</summary>
    public long Held { get; set; }

    public long Free => Granted - Returned - Spent - Held;

    /// <summary>Timestamp from which on nothing may be held anew.</summary>
    public long ExpiresAt { get; set; } = long.MinValue;

    /// <summary>What the edge that is alone has spent, earlier runs included; null under governance.</summary>
    public LocalSpend? Local { get; init; }

    /// <summary>What the ledger said last; null before its first answer.</summary>
    public LeaseNews? News { get; set; }

    /// <summary>Requests on trial of which only the ledger's next answer tells whether they would have been refused.</summary>
    public long Undecided { get; set; }

    public LeaseDemand Demand { get; } = new();

    /// <summary>Reads what a hold reads; see <see cref="Nearness"/>.</summary>
    public long Touch() => Held + Demand.AskedAt + (Local?.Touch() ?? 0);

    /// <summary>The window before it that still has something held or leased.</summary>
    public AccountWindow? Older { get; set; }
}
