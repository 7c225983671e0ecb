using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>A detector as policies know it.</summary>
public sealed record DetectorDescriptor
{
    /// <summary>Its name in rules.</summary>
    public required string Name { get; init; }

    /// <summary>What it looks for, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>What it knows; empty where it knows one thing only, and then rules may not name kinds.</summary>
    public IReadOnlyList<DetectorKind> Kinds { get; init; } = [];

    /// <summary>Members that rules may have.</summary>
    public DetectorMembers Members { get; init; }

    /// <summary>Members that rules must have.</summary>
    public DetectorMembers Required { get; init; }

    /// <summary>Of these members a rule must have one at least.</summary>
    public DetectorMembers RequiredAny { get; init; }

    /// <summary>Where it looks when a rule does not say; empty: what goes to models and what comes back.</summary>
    public IReadOnlyList<GuardrailScope> Places { get; init; } = [];

    /// <summary>Whether its findings are spans that can be replaced; else rules may only report, block, route or ask for approval.</summary>
    public bool FindsSpans { get; init; } = true;

    /// <summary>From which score on findings count where a rule does not say.</summary>
    public double MinScore { get; init; }

    /// <summary>Whether <c>allow</c> names something else than texts that no finding may be made of, which the detector sees to itself.</summary>
    public bool HandlesAllow { get; init; }

    /// <summary>Makes what looks beside the detector under the same rule; null for nothing.</summary>
    public Func<DetectorSettings, IReadOnlyList<IDetector>>? CreateFurther { get; init; }

    /// <summary>Whether other services are asked, which callers of the engine do.</summary>
    public bool IsRemote => Create is null;

    /// <summary>Makes the detector of a rule; null where it is remote. Returns null after it has added what is wrong with the rule.</summary>
    public Func<DetectorSettings, IDetector?>? Create { get; init; }
}
