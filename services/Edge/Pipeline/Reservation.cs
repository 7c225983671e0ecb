using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;

namespace Gateway.Edge.Pipeline;

/// <summary>What one request holds until it settles.</summary>
internal struct Reservation
{
    /// <summary>True once limits and budgets are held, so that settling must give them back.</summary>
    public bool Active { get; set; }

    /// <summary>What is held on budgets.</summary>
    public BudgetHold Budgets;

    /// <summary>What was taken of rate limits.</summary>
    public RateHold Rates;

    /// <summary>The part of what is held on budgets that bounds a single call.</summary>
    public long CallBoundNanoUsd { get; set; }

    /// <summary>The estimate of prompt tokens, an upper bound for text.</summary>
    public long PromptTokens { get; set; }
}
