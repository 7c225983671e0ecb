namespace Gateway.Guardrails.Engine;

/// <summary>One thing found: the place, not the text.</summary>
/// <param name="Detector">Name of the detector.</param>
/// <param name="Index">Which of the texts, from 0.</param>
/// <param name="Start">Where it begins, in UTF-16 code units from 0.</param>
/// <param name="Length">How long it is, in UTF-16 code units.</param>
public readonly record struct GuardFinding(string Detector, int Index, int Start, int Length);
