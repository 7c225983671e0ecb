namespace Gateway.Edge.Admission.Budgets;

/// <summary>What one request holds on the accounts over it until it settles.</summary>
internal struct BudgetHold
{
    /// <summary>The accounts; null before anything was asked of them.</summary>
    public BudgetSet? Set { get; set; }

    /// <summary>Nano-US-dollars held on every account of the set, and on those of the providers that hold it too.</summary>
    public long NanoUsd { get; set; }

    /// <summary>How it is with the accounts of single providers; null where there are none.</summary>
    public ProviderHolds? AtProviders { get; set; }

    /// <summary>True when a budget leaves no room for the request at this provider.</summary>
    public readonly bool Excludes(string providerId) => AtProviders is { Refused: not 0 } at && Set!.IndexOf(providerId) is var index and >= 0 && (at.Refused & (1UL << index)) != 0;
}

/// <summary>Which providers' own accounts hold something for a request. Providers are named by their places in its set.</summary>
internal sealed class ProviderHolds
{
    /// <summary>Those that hold the amount.</summary>
    public ulong Held { get; set; }

    /// <summary>Those that have no room.</summary>
    public ulong Refused { get; set; }

    /// <summary>Those that were called.</summary>
    public ulong Called { get; set; }
}
