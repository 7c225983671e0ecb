namespace Gateway.Edge.Admission.Budgets;

/// <summary>What one request holds on every budget over it until it settles.</summary>
internal struct BudgetHold
{
    /// <summary>Nano-US-dollars held on every budget.</summary>
    public long NanoUsd { get; set; }
}
