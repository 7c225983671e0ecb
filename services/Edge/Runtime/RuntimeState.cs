using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Routing.Health;

namespace Gateway.Edge.Runtime;

/// <summary>What survives a change of configuration, by identity: limits that did not change, what budgets have spent, and how deployments fare.</summary>
internal sealed class RuntimeState(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Scope, string Id), AccountLimits> _limits = new();
    private readonly ConcurrentDictionary<string, BudgetState> _budgets = new(StringComparer.Ordinal);

    /// <summary>How deployments, credentials and providers fare.</summary>
    public RoutingState Routing { get; } = new(time);

    public AccountLimits Limits(string scope, string id, RateLimitEntry entry) => _limits.AddOrUpdate(
        (scope, id),
        static (key, arg) => new AccountLimits(key.Scope, key.Id, arg.entry, arg.time),
        static (key, current, arg) => current.Entry == arg.entry ? current : new AccountLimits(key.Scope, key.Id, arg.entry, arg.time),
        (entry, time));

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
