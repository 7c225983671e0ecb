using Gateway.Contracts.Budgets;

namespace Gateway.Edge.Tests.Admission;

/// <summary>
/// The ledger's rule in its plainest form: in each account settled plus what runs of edges have leased and not yet told of as spent never passes the limit, and what is
/// leased stays leased until its run is settled.
/// </summary>
internal sealed class ModelLedger(IReadOnlyDictionary<string, long> limits)
{
    private readonly Dictionary<(string Budget, string Edge, long Epoch), Run> _runs = [];

    public Dictionary<string, long> Settled { get; } = limits.ToDictionary(static l => l.Key, static _ => 0L, StringComparer.Ordinal);

    /// <summary>Answers a question.</summary>
    public LeaseResponse Answer(LeaseRequest request, long expiresInMs)
    {
        if (request.EarlierRunsSettled)
        {
            foreach (var old in _runs.Keys.Where(r => r.Edge == request.EdgeId && r.Epoch < request.Epoch).ToList())
            {
                _runs.Remove(old);
            }
        }

        return new LeaseResponse { Leases = [.. request.Leases.Select(ask => Answer(request, ask, expiresInMs))] };
    }

    /// <summary>Takes a record.</summary>
    public void Ingest(string edge, long epoch, IEnumerable<string> budgets, long cost)
    {
        foreach (var budget in budgets)
        {
            Settled[budget] += cost;
            Of(budget, edge, epoch).Ingested += cost;
        }
    }

    public long Leased(string budget) => _runs.Where(r => r.Key.Budget == budget).Sum(static r => r.Value.Outstanding);

    private LeaseGrant Answer(LeaseRequest request, LeaseAsk ask, long expiresInMs)
    {
        var run = Of(ask.BudgetId, request.EdgeId, request.Epoch);
        run.Returned = Math.Max(run.Returned, ask.Returned);
        run.Spent = Math.Max(run.Spent, ask.Spent);
        var free = run.Granted - run.Returned - ask.Spent - ask.Held;
        var left = limits[ask.BudgetId] - Settled[ask.BudgetId] - Leased(ask.BudgetId);
        var wanted = Math.Max(0, ask.Wanted - free);
        var needed = Math.Max(0, ask.Needed - free);
        if (left > 0 && left >= needed)
        {
            var more = Math.Min(left, left < limits[ask.BudgetId] / 20 ? needed : Math.Max(needed, wanted));
            run.Granted += more;
            left -= more;
        }

        return new LeaseGrant
        {
            Granted = run.Granted,
            Returned = run.Returned,
            Spent = run.Spent,
            ExpiresInMs = expiresInMs,
            Scarce = left < limits[ask.BudgetId] / 20,
            SpentPercent = limits[ask.BudgetId] == 0 ? 100 : Settled[ask.BudgetId] * 100d / limits[ask.BudgetId],
        };
    }

    private Run Of(string budget, string edge, long epoch)
    {
        if (!_runs.TryGetValue((budget, edge, epoch), out var run))
        {
            _runs[(budget, edge, epoch)] = run = new Run();
        }

        return run;
    }

    private sealed class Run
    {
        public long Granted { get; set; }

        public long Returned { get; set; }

        public long Spent { get; set; }

        public long Ingested { get; set; }

        public long Outstanding => Math.Max(0, Granted - Returned - Ingested);
    }
}
