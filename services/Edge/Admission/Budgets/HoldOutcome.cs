using Gateway.Edge.Routing;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>What came of asking an account for room.</summary>
internal enum HoldOutcome
{
    /// <summary>The amount is held.</summary>
    Held,

    /// <summary>What this edge may spend of it does not reach.</summary>
    NoRoom,

    /// <summary>This edge may not spend anything of it at the moment: it has no lease, or the lease has expired.</summary>
    Lapsed,
}

/// <summary>The account that refused a hold.</summary>
/// <param name="Account">Its budget and window.</param>
/// <param name="Outcome">Why.</param>
internal readonly record struct HoldRefusal(BudgetAccount Account, HoldOutcome Outcome)
{
    /// <summary>True when it stands over the request at one provider only, which can be left out.</summary>
    public bool IsOfProvider { get; init; }
}

/// <summary>What a request asks of the accounts over it.</summary>
/// <param name="NanoUsd">What is to be held on top of what is held.</param>
/// <param name="Route">Where it may go, or null.</param>
/// <param name="ProviderId">The provider it goes to where there is no route, or null.</param>
internal readonly record struct BudgetAsk(long NanoUsd, RouteRuntime? Route = null, string? ProviderId = null);

/// <summary>What refused a request, after all waiting.</summary>
/// <param name="Account">Its budget and window.</param>
/// <param name="Why">What the ledger said; <see cref="LeaseAnswer.Unavailable"/> when it could not be asked.</param>
internal readonly record struct BudgetRefused(BudgetAccount Account, LeaseAnswer Why);
