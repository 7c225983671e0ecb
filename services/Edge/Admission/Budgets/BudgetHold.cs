namespace Gateway.Edge.Admission.Budgets;

/// <summary>What one request holds on the accounts over it until it settles.</summary>
internal struct BudgetHold
{
    /// <summary>The accounts; null before anything was asked of them.</summary>
    public BudgetSet? Set { get; set; }

    /// <summary>Nano-US-dollars held on every account of the set, and on those of the providers in <see cref="Providers"/>.</summary>
    public long NanoUsd { get; set; }

    /// <summary>Providers whose own accounts hold the amount, by their places in the set.</summary>
    public ulong Providers { get; set; }

    /// <summary>Providers whose own accounts have no room, by their places in the set.</summary>
    public ulong Refused { get; set; }

    /// <summary>Providers that were called, by their places in the set.</summary>
    public ulong Called { get; set; }

    /// <summary>True when a budget leaves no room for the request at this provider.</summary>
    public readonly bool Excludes(string providerId) => Refused != 0 && Set!.IndexOf(providerId) is var index and >= 0 && (Refused & (1UL << index)) != 0;
}
