using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Estimates;
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

    /// <summary>Output tokens that are held.</summary>
    public long OutputTokens { get; set; }

    /// <summary>Bytes of generated text that what is held covers; 0 before anybody looked, -1 when it is to be found out anew.</summary>
    public long CoveredBytes { get; set; }

    /// <summary>What decides how much is held for an answer whose caller named no cap. It stays with the request, whatever route it takes.</summary>
    public OutputPolicy Output { get; set; }

    /// <summary>The cap on output that the request is sent on with, because its caller named none; 0 for none.</summary>
    public readonly int SetCap => Output.Is(OutputCapPolicy.Set) ? Output.Tokens : 0;

    /// <summary>True when the answer may grow beyond <see cref="OutputTokens"/>, which then are what others of its model needed.</summary>
    public readonly bool IsOutputOpen => Output.Is(OutputCapPolicy.Learnt);
}
