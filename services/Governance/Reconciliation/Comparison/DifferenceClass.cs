namespace Gateway.Governance.Reconciliation.Comparison;

/// <summary>Why a bill and the ledger differ.</summary>
internal enum DifferenceClass
{
    /// <summary>Records whose usage the gateway had to estimate, because the answer was cut, cancelled or lost with its edge.</summary>
    Estimated,

    /// <summary>Records that had no price.</summary>
    Unpriced,

    /// <summary>The quantities agree and the prices do not.</summary>
    Price,

    /// <summary>The provider counted more or fewer tokens than the records have.</summary>
    Quantity,

    /// <summary>Cache writes that one side counts for five minutes and the other for an hour.</summary>
    CacheLifetime,

    /// <summary>The day before or after has as much too many as this one too few: the two sides cut days at different times.</summary>
    DayEdge,

    /// <summary>Billed, and no record says so.</summary>
    NotThroughGateway,

    /// <summary>Recorded, and not billed: free tier, credits, or requests that failed at the provider.</summary>
    NotBilled,

    /// <summary>Charges that are not for a quantity: taxes, tools, what the bill does not break down.</summary>
    OtherCharges,

    /// <summary>Fractions of what the bill's digits can say.</summary>
    Rounding,

    /// <summary>The bill has no quantities, so prices and quantities cannot be told apart.</summary>
    Unexplained,
}

/// <summary>A part of a difference.</summary>
/// <param name="Class">Why.</param>
/// <param name="NanoUsd">How much more was billed than recorded because of it.</param>
/// <param name="Unit">Of which tokens; null where that does not matter.</param>
/// <param name="Quantity">How many more of them were billed.</param>
internal sealed record Difference(DifferenceClass Class, long NanoUsd, Bills.BilledUnit? Unit = null, long Quantity = 0);
