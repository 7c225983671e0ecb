using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Makes policies ready to run, and says everything that is wrong with those that cannot be.</summary>
public static class PolicyCompiler
{
    /// <summary>Compiles a policy.</summary>
    /// <param name="entry">The policy.</param>
    public static PolicyCompilation Compile(GuardrailPolicyEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var problems = new List<PolicyProblem>();
        PolicyRanges.Check(entry, problems);
        var rules = new List<CompiledRule>(entry.Rules.Count);
        for (var i = 0; i < entry.Rules.Count; i++)
        {
            if (CompileRule(entry.Rules[i], i, problems) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return problems.Count > 0 ? new PolicyCompilation(null, problems) : new PolicyCompilation(new CompiledPolicy(entry, rules, FingerprintOf(entry)), []);
    }

    /// <summary>Compiles what the gateway itself made: what it holds is its maker's to limit.</summary>
    internal static CompiledPolicy Trusted(GuardrailPolicyEntry entry)
    {
        var rules = new List<CompiledRule>();
        foreach (var rule in entry.Rules)
        {
            var descriptor = DetectorCatalogue.Find(rule.Detector)!;
            var settings = new DetectorSettings(rule, FrozenSet<string>.Empty, descriptor.MinScore, "", []);
            rules.Add(new CompiledRule(rules.Count, rule, descriptor, [descriptor.Create!(settings)!], settings.Kinds, settings.MinScore));
        }

        return new CompiledPolicy(entry, rules, FingerprintOf(entry));
    }

    private static CompiledRule? CompileRule(GuardrailRuleEntry rule, int index, List<PolicyProblem> problems)
    {
        var path = $"rules[{index}]";
        if (rule.Detector is null || DetectorCatalogue.Find(rule.Detector) is not { } descriptor)
        {
            problems.Add(new PolicyProblem($"{path}.detector", $"There is no detector «{rule.Detector}». There are: {string.Join(", ", DetectorCatalogue.All.Select(static d => d.Name).Order(StringComparer.Ordinal))}."));
            return null;
        }

        var before = problems.Count;
        RuleMembers.Check(rule, descriptor, path, problems);
        var kinds = KindsOf(rule, descriptor, path, problems);
        if (problems.Count > before)
        {
            return null;
        }

        var minScore = rule.MinScore ?? descriptor.MinScore;
        var settings = new DetectorSettings(rule, kinds, minScore, path, problems);
        var detectors = new List<IDetector>();
        if (descriptor.Create?.Invoke(settings) is { } detector)
        {
            detectors.Add(detector);
            detectors.AddRange(descriptor.CreateFurther?.Invoke(settings) ?? []);
        }

        return problems.Count > before ? null : new CompiledRule(index, rule, descriptor, detectors, kinds, minScore);
    }

    private static FrozenSet<string> KindsOf(GuardrailRuleEntry rule, DetectorDescriptor descriptor, string path, List<PolicyProblem> problems)
    {
        var known = descriptor.Kinds.Select(static k => k.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < rule.Kinds.Count; i++)
        {
            if (!known.Contains(rule.Kinds[i]))
            {
                problems.Add(new PolicyProblem($"{path}.kinds[{i}]", known.Count == 0
                    ? $"{descriptor.Name} has no kinds; leave them out."
                    : $"{descriptor.Name} has no kind «{rule.Kinds[i]}». It has: {Some(known)}."));
            }
        }

        return (rule.Kinds.Count > 0 ? rule.Kinds : descriptor.Kinds.Where(static k => k.IsDefault).Select(static k => k.Name)).ToFrozenSet(StringComparer.Ordinal);
    }

    private static string Some(HashSet<string> names) => names.Count <= 60
        ? string.Join(", ", names.Order(StringComparer.Ordinal))
        : $"{string.Join(", ", names.Order(StringComparer.Ordinal).Take(60))} and {names.Count - 60} more (docs/guardrails-detectors.md)";

    // What names, applies and orders a policy is not part of what it does to a text.
    private static string FingerprintOf(GuardrailPolicyEntry entry)
    {
        var rules = JsonSerializer.SerializeToUtf8Bytes(entry.Rules, FingerprintJson.Default.IReadOnlyListGuardrailRuleEntry);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)DetectorCatalogue.Version, (byte)entry.Mode, (byte)(entry.Fail ?? 0)]);
        hash.AppendData(rules);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
