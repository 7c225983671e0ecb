using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>A policy that is ready to run: make it once per configuration and use it from any thread.</summary>
public sealed class CompiledPolicy
{
    internal CompiledPolicy(GuardrailPolicyEntry entry, IReadOnlyList<CompiledRule> rules, string fingerprint)
    {
        Entry = entry;
        Rules = rules;
        Fingerprint = fingerprint;
        FailsClosed = entry.Fail is { } fail ? fail == FailPolicy.Closed : rules.Any(static r => r.ChangesText || r.Entry.Action == GuardrailAction.Block);
        HasRemoteRules = rules.Any(static r => r.Detector is null);
        AsksOthers = rules.Any(static r => r.Detector is null && r.Descriptor.Required != DetectorMembers.None);
    }

    /// <summary>What it was made of.</summary>
    public GuardrailPolicyEntry Entry { get; }

    /// <summary>Its rules, in order.</summary>
    public IReadOnlyList<CompiledRule> Rules { get; }

    /// <summary>Equal for policies that do the same; another when anything that matters changes.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether a rule that cannot look blocks.</summary>
    public bool FailsClosed { get; }

    /// <summary>Whether it only reports.</summary>
    public bool IsShadow => Entry.Mode == GuardrailMode.Shadow;

    /// <summary>Whether some rule asks another service.</summary>
    public bool HasRemoteRules { get; }

    /// <summary>Whether some rule asks somebody beyond the gateway's own services, with addresses, credentials or routes that only the edge has.</summary>
    public bool AsksOthers { get; }

    /// <summary>Whether any rule looks at texts that stand at a place.</summary>
    /// <param name="place">The place.</param>
    public bool LooksAt(GuardrailScope place) => Rules.Any(r => r.LooksAt(place));

    /// <summary>Whether texts at a place have to be there whole before anything can be let through: a rule that acts asks another service or looks at the whole.</summary>
    /// <param name="place">The place.</param>
    public bool NeedsWhole(GuardrailScope place) =>
        !IsShadow && Rules.Any(r => r.LooksAt(place) && r.ActionAt(place) != GuardrailAction.Flag && (r.Detector is null || r.Detectors.Any(static d => d.Window == int.MaxValue)));

    /// <summary>Whether it is run for a request, where it is run for a share of them only.</summary>
    /// <param name="requestId">Id of the request: the answer is the same for the same id.</param>
    public bool IsRunFor(string requestId)
    {
        ArgumentNullException.ThrowIfNull(requestId);
        return Entry.Sample >= 1 || Share(requestId, Entry.Id) < Entry.Sample;
    }

    private static double Share(string requestId, string policy)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in requestId)
        {
            hash = unchecked((hash ^ c) * 1099511628211UL);
        }

        foreach (var c in policy)
        {
            hash = unchecked((hash ^ c) * 1099511628211UL);
        }

        hash = unchecked((hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9UL);
        return (hash >> 40) / (double)(1 << 24);
    }

    /// <summary>The built-in policy of blocked terms, which blocks texts that contain any of them.</summary>
    /// <param name="terms">The terms; empty ones are passed over.</param>
    /// <returns>Null when there is no term.</returns>
    public static CompiledPolicy? BlockTerms(IEnumerable<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        var entry = new GuardrailPolicyEntry
        {
            Id = "blocked-terms",
            Order = 0,
            Fail = FailPolicy.Closed,
            Inline = true,
            Rules = [new GuardrailRuleEntry { Detector = "blocked_terms", Action = GuardrailAction.Block, Terms = [.. terms.Where(static t => t.Length > 0)] }],
        };
        return entry.Rules[0].Terms.Count == 0 ? null : PolicyCompiler.Trusted(entry);
    }
}
