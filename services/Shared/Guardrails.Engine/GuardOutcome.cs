namespace Gateway.Guardrails.Engine;

/// <summary>What a check came to.</summary>
public sealed class GuardOutcome
{
    /// <summary>Nothing was looked for.</summary>
    /// <param name="texts">The texts.</param>
    public static GuardOutcome Untouched(IReadOnlyList<GuardText> texts) => new() { Texts = texts };

    /// <summary>What happens now. Policies in shadow have no part in it.</summary>
    public GuardVerdict Verdict { get; init; } = GuardVerdict.Allow;

    /// <summary>What would happen if policies in shadow acted too.</summary>
    public GuardVerdict ShadowVerdict { get; init; } = GuardVerdict.Allow;

    /// <summary>The texts as they go on: those that were given, changed where rules change them. When <see cref="Verdict"/> is <see cref="GuardVerdict.Block"/> they go nowhere.</summary>
    public required IReadOnlyList<GuardText> Texts { get; init; }

    /// <summary>Whether any text is another than was given.</summary>
    public bool IsChanged { get; init; }

    /// <summary>What was found; at most <see cref="GuardEngine.MaxFindings"/> for each rule and text.</summary>
    public IReadOnlyList<GuardFinding> Findings { get; init; } = [];

    /// <summary>What each rule did that found something, failed or was left to the caller.</summary>
    public IReadOnlyList<RuleNote> Notes { get; init; } = [];

    /// <summary>What the deciding rule tells callers; null: the general text.</summary>
    public string? Message { get; init; }

    /// <summary>Where the request goes with <see cref="GuardVerdict.Route"/>.</summary>
    public string? Route { get; init; }

    /// <summary>Whether it is blocked because a rule failed rather than because it found something.</summary>
    public bool IsFailure { get; init; }
}

/// <summary>What to do with the texts, the strictest last to first: block, approve, route, allow.</summary>
public enum GuardVerdict
{
    /// <summary>Nothing forbids them.</summary>
    Allow = 1,

    /// <summary>They must not pass.</summary>
    Block = 2,

    /// <summary>They go to another route.</summary>
    Route = 3,

    /// <summary>They wait for somebody's approval.</summary>
    Approve = 4,
}
