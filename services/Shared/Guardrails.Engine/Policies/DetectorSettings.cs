using System.Collections.Frozen;
using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>A rule as the maker of its detector sees it.</summary>
/// <param name="rule">The rule.</param>
/// <param name="kinds">The kinds that count.</param>
/// <param name="minScore">From which score on findings count.</param>
/// <param name="path">Where the rule stands in its policy.</param>
/// <param name="problems">Takes what is wrong.</param>
public sealed class DetectorSettings(GuardrailRuleEntry rule, FrozenSet<string> kinds, double minScore, string path, ICollection<PolicyProblem> problems)
{
    /// <summary>The rule.</summary>
    public GuardrailRuleEntry Rule { get; } = rule;

    /// <summary>The kinds that count: those of the rule, or the detector's default ones.</summary>
    public FrozenSet<string> Kinds { get; } = kinds;

    /// <summary>From which score on findings count. The engine drops lesser ones; a detector may use it to save work.</summary>
    public double MinScore { get; } = minScore;

    /// <summary>Adds a problem.</summary>
    /// <param name="member">The member of the rule, with its index: <c>patterns[3]</c>.</param>
    /// <param name="message">What is wrong and what is allowed instead.</param>
    public void Problem(string member, string message) => problems.Add(new PolicyProblem($"{path}.{member}", message));
}
