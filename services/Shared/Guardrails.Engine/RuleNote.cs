using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine;

/// <summary>What one rule did in a check.</summary>
/// <param name="Policy">Id of the policy.</param>
/// <param name="Rule">Which of its rules, from 0.</param>
/// <param name="Detector">Name of the detector.</param>
/// <param name="Action">What the rule does.</param>
/// <param name="Mode">Whether the policy acts.</param>
public sealed record RuleNote(string Policy, int Rule, string Detector, GuardrailAction Action, GuardrailMode Mode)
{
    /// <summary>How many it found, in all texts. Counting stops at <see cref="GuardEngine.MaxFindings"/> a text for rules that change nothing.</summary>
    public int Count { get; init; }

    /// <summary>Kinds that it found, each once.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Why it could not look: the name of the fault, never a text. Null: it could.</summary>
    public string? Failure { get; init; }

    /// <summary>True: it asks another service, and the caller has to run it.</summary>
    public bool IsPending { get; init; }

    /// <summary>True: no stand-ins were given, so that it redacted instead.</summary>
    public bool IsRedactedInstead { get; init; }
}
