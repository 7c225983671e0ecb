namespace Gateway.Guardrails.Engine;

/// <summary>Runs a policy over texts. Pure: no I/O, no state.</summary>
public static class GuardEngine
{
    /// <summary>Most findings reported per text and detector; the verdict does not depend on it.</summary>
    public const int MaxFindings = 100;

    /// <summary>Checks texts against a policy.</summary>
    /// <param name="texts">The texts; findings refer to their index.</param>
    /// <param name="policy">What to look for.</param>
    public static GuardResult Check(IReadOnlyList<string> texts, GuardPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Detectors.Count == 0)
        {
            return GuardResult.Allowed;
        }

        var findings = new List<GuardFinding>();
        for (var index = 0; index < texts.Count; index++)
        {
            foreach (var detector in policy.Detectors)
            {
                detector.Detect(texts[index], new FindingSink(findings, detector.Name, index, MaxFindings));
            }
        }

        return findings.Count == 0 ? GuardResult.Allowed : new GuardResult(GuardVerdict.Block, findings);
    }
}
