using System.Collections.Frozen;
using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>A rule that is ready to run.</summary>
public sealed class CompiledRule
{
    internal CompiledRule(int index, GuardrailRuleEntry entry, DetectorDescriptor descriptor, IReadOnlyList<IDetector> detectors, FrozenSet<string> kinds, double minScore)
    {
        Index = index;
        Entry = entry;
        Descriptor = descriptor;
        Detectors = detectors;
        Detector = detectors.Count > 0 ? detectors[0] : null;
        Kinds = kinds;
        MinScore = minScore;
        Allow = new AllowList(descriptor.Members.HasFlag(DetectorMembers.Allow) && !descriptor.HandlesAllow ? entry.Allow : []);
        Places = PlacesOf(entry, descriptor);
    }

    /// <summary>Which rule of its policy, from 0.</summary>
    public int Index { get; }

    /// <summary>What it was made of.</summary>
    public GuardrailRuleEntry Entry { get; }

    /// <summary>What its detector is.</summary>
    public DetectorDescriptor Descriptor { get; }

    /// <summary>What looks; null where the caller has to ask another service.</summary>
    public IDetector? Detector { get; }

    /// <summary>Everything that looks under this rule; empty where the caller has to ask another service.</summary>
    public IReadOnlyList<IDetector> Detectors { get; }

    /// <summary>Kinds that count; empty for detectors without kinds.</summary>
    public FrozenSet<string> Kinds { get; }

    /// <summary>From which score on findings count.</summary>
    public double MinScore { get; }

    /// <summary>Whether it changes texts.</summary>
    public bool ChangesText => Entry.Action is GuardrailAction.Redact or GuardrailAction.Mask or GuardrailAction.Hash or GuardrailAction.Pseudonymize;

    internal AllowList Allow { get; }

    internal FrozenSet<GuardrailScope> Places { get; }

    /// <summary>Whether it looks at texts that stand at a place.</summary>
    /// <param name="place">The place.</param>
    public bool LooksAt(GuardrailScope place) => Places.Contains(place);

    /// <summary>What happens on a finding at a place: answers can no longer go to another route, so such a rule reports there.</summary>
    internal GuardrailAction ActionAt(GuardrailScope place) =>
        Entry.Action == GuardrailAction.Route && (place is GuardrailScope.Output or GuardrailScope.ToolCall) ? GuardrailAction.Flag : Entry.Action;

    private static FrozenSet<GuardrailScope> PlacesOf(GuardrailRuleEntry entry, DetectorDescriptor descriptor)
    {
        var scopes = entry.Scopes.Count > 0 ? entry.Scopes : descriptor.Places.Count > 0 ? descriptor.Places : [GuardrailScope.Input, GuardrailScope.Output];
        var places = new HashSet<GuardrailScope>(scopes);
        if (places.Contains(GuardrailScope.Input))
        {
            places.UnionWith([GuardrailScope.ToolResult, GuardrailScope.Embedding]);
        }

        if (places.Contains(GuardrailScope.Output))
        {
            places.Add(GuardrailScope.ToolCall);
        }

        return places.ToFrozenSet();
    }
}
