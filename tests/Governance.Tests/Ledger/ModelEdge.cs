using Gateway.Budgets;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;

namespace Gateway.Governance.Tests.Ledger;

/// <summary>An account as an edge names it.</summary>
internal sealed record ModelAccount(string BudgetId, string Window, long Start);

/// <summary>What an edge does by the rules of the lease messages, as simply as can be.</summary>
internal sealed class ModelEdge(string id, TimeSpan skew)
{
    private readonly Dictionary<ModelAccount, Holding> _holdings = [];

    public string Id => id;

    public long Epoch { get; private set; } = 1;

    /// <summary>Records that are not acknowledged yet, oldest first.</summary>
    public List<UsageRecord> Journal { get; } = [];

    /// <summary>Requests under way.</summary>
    public List<(IReadOnlyList<ModelAccount> Accounts, long Amount, long Started)> Requests { get; } = [];

    /// <summary>Questions that are still somewhere on the way.</summary>
    public List<LeaseRequest> Delayed { get; } = [];

    public long Clock(DateTimeOffset now) => (now + skew - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static IReadOnlyList<ModelAccount> AccountsOf(IEnumerable<BudgetEntry> budgets, long micros)
        => [.. budgets.SelectMany(b => BudgetWindows.Of(b).Select(w => new ModelAccount(b.Id, BudgetWindows.Key(w), BudgetWindows.Around(w, micros).Start)))];

    public bool HasRoom(IReadOnlyList<ModelAccount> accounts, long amount) => accounts.All(a => Of(a).Free >= amount);

    public void Hold(IReadOnlyList<ModelAccount> accounts, long amount, long started)
    {
        foreach (var account in accounts)
        {
            Of(account).Held += amount;
        }

        Requests.Add((accounts, amount, started));
    }

    /// <summary>Ends a request with its true cost.</summary>
    public void Settle(int index, long cost)
    {
        var (accounts, amount, started) = Requests[index];
        Requests.RemoveAt(index);
        foreach (var account in accounts)
        {
            var holding = Of(account);
            holding.Held -= amount;
            holding.Spent += cost;
        }

        Journal.Add(LedgerHarness.Record(started, cost, Epoch, [.. accounts.Select(a => $"{a.BudgetId}#{a.Window}")]));
    }

    /// <summary>Gives back what is free; told with the next question.</summary>
    public void GiveBack(IEnumerable<ModelAccount> accounts)
    {
        foreach (var account in accounts)
        {
            var holding = Of(account);
            holding.Returned += Math.Max(0, holding.Free);
        }
    }

    public LeaseRequest Question(IReadOnlyList<ModelAccount> accounts, long needed, long wanted) => new()
    {
        EdgeId = Id,
        Epoch = Epoch,
        EarlierRunsSettled = Journal.All(r => r.Epoch == Epoch),
        Leases =
        [
            .. accounts.Select(a => (Account: a, Holding: Of(a))).Select(a => new LeaseAsk
            {
                BudgetId = a.Account.BudgetId,
                Window = a.Account.Window,
                Start = a.Account.Start,
                Granted = a.Holding.Granted,
                Returned = a.Holding.Returned,
                Spent = a.Holding.Spent,
                Held = a.Holding.Held,
                Needed = needed,
                Wanted = wanted,
            }),
        ],
    };

    public void Take(IReadOnlyList<ModelAccount> accounts, LeaseResponse response)
    {
        for (var i = 0; i < accounts.Count; i++)
        {
            Of(accounts[i]).Granted = response.Leases[i].Granted;
        }
    }

    /// <summary>Killed: what requests held is lost, or made into records from what they left behind.</summary>
    public void Kill(Func<long, long?> recovered)
    {
        while (Requests.Count > 0)
        {
            if (recovered(Requests[0].Amount) is { } cost)
            {
                Settle(0, cost);
            }
            else
            {
                Requests.RemoveAt(0);
            }
        }

        _holdings.Clear();
        Epoch++;
    }

    private Holding Of(ModelAccount account)
    {
        if (!_holdings.TryGetValue(account, out var holding))
        {
            _holdings[account] = holding = new Holding();
        }

        return holding;
    }

    private sealed class Holding
    {
        public long Granted { get; set; }

        public long Returned { get; set; }

        public long Spent { get; set; }

        public long Held { get; set; }

        public long Free => Granted - Returned - Spent - Held;
    }
}
