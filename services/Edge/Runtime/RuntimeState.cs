using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Caching.Purges;
using Gateway.Edge.Callers;
using Gateway.Edge.Routing.Health;

namespace Gateway.Edge.Runtime;

/// <summary>What survives a change of configuration, by identity: limits that did not change, what budgets have spent, and how deployments fare.</summary>
internal sealed class RuntimeState : IDisposable
{
    public RuntimeState(TimeProvider time, BudgetBook budgets, LimitSharing? sharing = null)
    {
        Budgets = budgets;
        Jwt = new JwtKeyring(time);
        Routing = new RoutingState(time);
        Limits = new LimitState(sharing ?? new LimitSharing(time));
        Answers = new MemoryStore(time);
        Purges = new PurgeBook(Answers, time);
    }

    /// <summary>The accounts of budgets.</summary>
    public BudgetBook Budgets { get; }

    /// <summary>Which values of keys still stand.</summary>
    public KeyStandings Standings { get; } = new();

    /// <summary>The keys of JWT issuers.</summary>
    public JwtKeyring Jwt { get; }

    /// <summary>How deployments, credentials and providers fare.</summary>
    public RoutingState Routing { get; }

    /// <summary>Counters of rate limits.</summary>
    public LimitState Limits { get; }

    /// <summary>Answers that may be given again.</summary>
    public MemoryStore Answers { get; }

    /// <summary>Which of them may not.</summary>
    public PurgeBook Purges { get; }

    public void Dispose() => Jwt.Dispose();
}
