using Gateway.Budgets;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Ledger;

/// <summary>One window of one budget; the start is 0 where it never resets or rolls.</summary>
internal readonly record struct AccountKey(string BudgetId, string Window, long Start) : IComparable<AccountKey>
{
    public int CompareTo(AccountKey other)
    {
        var byBudget = string.CompareOrdinal(BudgetId, other.BudgetId);
        var byWindow = byBudget != 0 ? byBudget : string.CompareOrdinal(Window, other.Window);
        return byWindow != 0 ? byWindow : Start.CompareTo(other.Start);
    }
}

/// <summary>A row of <c>budget_accounts</c>, locked by the transaction that holds it.</summary>
internal sealed class Account(long id, AccountKey key, WindowClock clock)
{
    public static BulkTable<Account> Table { get; } = new(
        "budget_accounts",
        ["id"],
        [
            BulkColumn<Account>.Of("id", a => a.Id),
            BulkColumn<Account>.Of("budget_id", a => a.Key.BudgetId),
            BulkColumn<Account>.Of("window_key", a => a.Key.Window),
            BulkColumn<Account>.Of("start", a => a.Key.Start),
            BulkColumn<Account>.Of("settled", a => a.Settled),
            BulkColumn<Account>.Of("leased", a => a.Leased),
            BulkColumn<Account>.Of("pressed_until", a => a.PressedUntil),
            BulkColumn<Account>.Of("keep_until", a => a.KeepUntil),
        ],
        "UPDATE SET settled = excluded.settled, leased = excluded.leased, pressed_until = excluded.pressed_until",
        a => a.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public long Id => id;

    public AccountKey Key => key;

    public WindowClock Clock => clock;

    /// <summary>Settled by ingested records and adjustments; of one that rolls all that ever was.</summary>
    public long Settled { get; set; }

    /// <summary>Settled as far as it counts now: of one that rolls what lies in the window.</summary>
    public long Counted { get; set; }

    /// <summary>What runs of edges may still spend or have spent without telling: the sum of <see cref="Lease.Outstanding"/>.</summary>
    public long Leased { get; set; }

    /// <summary>Until when a request waits for what others have free, in microseconds; edges give it back meanwhile.</summary>
    public long PressedUntil { get; set; }

    public long KeepUntil { get; init; }

    public bool IsChanged { get; set; }
}

/// <summary>A row of <c>budget_parts</c>: a sixtieth of a rolling window.</summary>
internal sealed record Part(long AccountId, long Number, long Settled, long CountsUntil)
{
    public static BulkTable<Part> Table { get; } = new(
        "budget_parts",
        ["account_id", "part"],
        [
            BulkColumn<Part>.Of("account_id", p => p.AccountId),
            BulkColumn<Part>.Of("part", p => p.Number),
            BulkColumn<Part>.Of("settled", p => p.Settled),
            BulkColumn<Part>.Of("counts_until", p => p.CountsUntil),
        ],
        "UPDATE SET settled = budget_parts.settled + excluded.settled",
        p => p.AccountId.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>A row of <c>budget_hours</c>: all that was charged to a budget in an hour, whatever windows it had. New windows begin with it.</summary>
internal sealed record BudgetHour(string BudgetId, long Hour, long Settled)
{
    public static BulkTable<BudgetHour> Table { get; } = new(
        "budget_hours",
        ["budget_id", "hour"],
        [
            BulkColumn<BudgetHour>.Of("budget_id", h => h.BudgetId),
            BulkColumn<BudgetHour>.Of("hour", h => h.Hour),
            BulkColumn<BudgetHour>.Of("settled", h => h.Settled),
        ],
        "UPDATE SET settled = budget_hours.settled + excluded.settled",
        h => h.BudgetId);
}

/// <summary>A row of <c>budget_leases</c>: what one run of one edge may spend of an account. Totals since the run began.</summary>
internal sealed class Lease(long accountId, string edgeId, long epoch)
{
    public static BulkTable<Lease> Table { get; } = new(
        "budget_leases",
        ["edge_id", "epoch", "account_id"],
        [
            BulkColumn<Lease>.Of("account_id", l => l.AccountId),
            BulkColumn<Lease>.Of("edge_id", l => l.EdgeId),
            BulkColumn<Lease>.Of("epoch", l => l.Epoch),
            BulkColumn<Lease>.Of("granted", l => l.Granted),
            BulkColumn<Lease>.Of("returned", l => l.Returned),
            BulkColumn<Lease>.Of("ingested", l => l.Ingested),
            BulkColumn<Lease>.Of("spent", l => l.Spent),
            BulkColumn<Lease>.Of("held", l => l.Held),
        ],
        "UPDATE SET granted = excluded.granted, returned = excluded.returned, ingested = excluded.ingested, spent = excluded.spent, held = excluded.held",
        l => l.EdgeId);

    public long AccountId => accountId;

    public string EdgeId => edgeId;

    public long Epoch => epoch;

    public long Granted { get; set; }

    public long Returned { get; set; }

    /// <summary>Cost of the run's records that are in the ledger.</summary>
    public long Ingested { get; set; }

    /// <summary>Settled by the run, as it last told.</summary>
    public long Spent { get; set; }

    /// <summary>Held by the run's requests, as it last told.</summary>
    public long Held { get; set; }

    public bool IsChanged { get; set; }

    /// <summary>What the run may still spend, or has spent and not delivered.</summary>
    public long Outstanding => Math.Max(0, Granted - Returned - Ingested);
}
