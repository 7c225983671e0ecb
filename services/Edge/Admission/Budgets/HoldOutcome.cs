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
internal readonly record struct HoldRefusal(BudgetAccount Account, HoldOutcome Outcome);
