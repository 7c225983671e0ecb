using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Callers;
using Gateway.Edge.Routing.Health;

namespace Gateway.Edge.Runtime;

/// <summary>What survives a change of configuration, by identity: limits that did not change, what budgets have spent, and how deployments fare.</summary>
internal sealed class RuntimeState(TimeProvider time, BudgetBook budgets) : IDisposable
{
    private readonly ConcurrentDictionary<(string Scope, string Id), AccountLimits> _limits = new();

    /// <summary>The accounts of budgets.</summary>
    public BudgetBook Budgets { get; } = budgets;

    /// <summary>Which values of keys still stand.</summary>
    public KeyStandings Standings { get; } = new();

    /// <summary>The keys of JWT issuers.</summary>
    public JwtKeyring Jwt { get; } = new(time);

    /// <summary>How deployments, credentials and providers fare.</summary>
    public RoutingState Routing { get; } = new(time);

    public AccountLimits Limits(string scope, string id, RateLimitEntry entry) => _limits.AddOrUpdate(
        (scope, id),
        static (key, arg) => new AccountLimits(key.Scope, key.Id, arg.entry, arg.time),
        static (key, current, arg) => current.Entry == arg.entry ? current : new AccountLimits(key.Scope, key.Id, arg.entry, arg.time),
        (entry, time));

    public void Dispose() => Jwt.Dispose();
}
