using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine;

/// <summary>One thing found: the place, not the text.</summary>
/// <param name="Policy">Id of the policy.</param>
/// <param name="Rule">Which of its rules, from 0.</param>
/// <param name="Detector">Name of the detector.</param>
/// <param name="Kind">What it is, for example <c>email</c>.</param>
/// <param name="Action">What the rule does.</param>
/// <param name="Index">Which of the texts, from 0.</param>
/// <param name="Start">Where it begins in the text as this policy saw it, in UTF-16 code units from 0.</param>
/// <param name="Length">How long it is, in UTF-16 code units.</param>
/// <param name="Score">How sure the detector is, 0 to 1.</param>
public readonly record struct GuardFinding(string Policy, int Rule, string Detector, string Kind, GuardrailAction Action, int Index, int Start, int Length, double Score);
