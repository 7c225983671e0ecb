using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Routing.Health;

namespace Gateway.Edge.Runtime;

/// <summary>What survives a change of configuration, by identity: limits that did not change, what budgets have spent, and how deployments fare.</summary>
internal sealed class RuntimeState(LimitSharing sharing, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, BudgetState> _budgets = new(StringComparer.Ordinal);

    /// <summary>How deployments, credentials and providers fare.</summary>
    public RoutingState Routing { get; } = new(time);

    /// <summary>Counters of rate limits.</summary>
    public LimitState Limits { get; } = new(sharing);

    public BudgetState Budget(BudgetEntry entry)
    {
        var budget = _budgets.GetOrAdd(entry.Id, static (_, arg) => new BudgetState(arg.entry, arg.time), (entry, time));
        if (budget.Entry != entry)
        {
            budget.Update(entry);
        }

        return budget;
    }

    public IEnumerable<BudgetState> Budgets => _budgets.Values;
}
