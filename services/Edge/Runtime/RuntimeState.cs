using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Callers;
using Gateway.Edge.Routing.Health;

namespace Gateway.Edge.Runtime;

/// <summary>What survives a change of configuration, by identity: limits that did not change, what budgets have spent, and how deployments fare.</summary>
internal sealed class RuntimeState(TimeProvider time, BudgetBook budgets, LimitSharing? sharing = null) : IDisposable
{
    /// <summary>The accounts of budgets.</summary>
    public BudgetBook Budgets { get; } = budgets;

    /// <summary>Which values of keys still stand.</summary>
    public KeyStandings Standings { get; } = new();

    /// <summary>The keys of JWT issuers.</summary>
    public JwtKeyring Jwt { get; } = new(time);

    /// <summary>How deployments, credentials and providers fare.</summary>
    public RoutingState Routing { get; } = new(time);

    /// <summary>Counters of rate limits.</summary>
    public LimitState Limits { get; } = new(sharing ?? new LimitSharing(time));

    public void Dispose() => Jwt.Dispose();
}
