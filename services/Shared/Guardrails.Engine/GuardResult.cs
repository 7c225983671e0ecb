namespace Gateway.Guardrails.Engine;

/// <summary>What a check came to.</summary>
/// <param name="Verdict">What to do with the texts.</param>
/// <param name="Findings">What was found, by text, detector and position.</param>
public sealed record GuardResult(GuardVerdict Verdict, IReadOnlyList<GuardFinding> Findings)
{
    /// <summary>Nothing was found.</summary>
    public static GuardResult Allowed { get; } = new(GuardVerdict.Allow, []);
}

/// <summary>What to do with the texts.</summary>
public enum GuardVerdict
{
    /// <summary>Nothing forbids them.</summary>
    Allow = 1,

    /// <summary>They must not pass.</summary>
    Block = 2,
}
