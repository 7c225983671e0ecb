using Gateway.Guardrails.Engine.BlockedTerms;

namespace Gateway.Guardrails.Engine;

/// <summary>What to look for, ready to run: build it once, use it from any thread.</summary>
public sealed class GuardPolicy
{
    /// <summary>Finds nothing.</summary>
    public static GuardPolicy Empty { get; } = new([]);

    /// <summary>A policy of the given detectors, any of whose findings blocks.</summary>
    /// <param name="detectors">Run in this order.</param>
    public GuardPolicy(IReadOnlyList<IDetector> detectors)
    {
        ArgumentNullException.ThrowIfNull(detectors);
        Detectors = [.. detectors];
    }

    /// <summary>The detectors in the order they run.</summary>
    public IReadOnlyList<IDetector> Detectors { get; }

    /// <summary>A policy that blocks texts which contain any of the terms, without regard to case.</summary>
    /// <param name="terms">The terms; empty ones are passed over.</param>
    public static GuardPolicy BlockTerms(IEnumerable<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var detector = new BlockedTermsDetector(terms);
        return detector.IsEmpty ? Empty : new GuardPolicy([detector]);
    }
}
