using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>A rule of each detector that runs in the gateway's own process, as it would be written.</summary>
internal static class SampleRules
{
    /// <summary>The rules, by the names of their detectors.</summary>
    public static IEnumerable<(string Name, PolicySet Set)> All()
    {
        foreach (var descriptor in DetectorCatalogue.All.Where(static d => !d.IsRemote).OrderBy(static d => d.Name, StringComparer.Ordinal))
        {
            var rule = Of(descriptor.Name);
            foreach (var action in (GuardrailAction[])[GuardrailAction.Redact, GuardrailAction.Block])
            {
                // What judges a whole text cannot be replaced.
                if (PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = descriptor.Name, Rules = [rule with { Action = action }] }).Policy is { } policy)
                {
                    yield return (descriptor.Name, new PolicySet([policy]));
                    break;
                }
            }
        }
    }

    private static GuardrailRuleEntry Of(string detector) => new GuardrailRuleEntry { Detector = detector, Scopes = detector == "tool_calls" ? [GuardrailScope.ToolCall] : [GuardrailScope.Output] } switch
    {
        var rule when detector is "keywords" or "blocked_terms" or "competitors" => rule with { Terms = ["confidential falcon", "acme*"] },
        var rule when detector == "topics" => rule with { Kinds = ["politics", "medical"] },
        var rule when detector == "regex" => rule with { Patterns = ["[A-Z]{2}-[0-9]{6}"] },
        var rule when detector == "length" => rule with { Max = 1_000_000 },
        var rule when detector == "json_schema" => rule with { Schema = """{"type":"object"}""" },
        var rule when detector == "language" => rule with { Allow = ["en"] },
        var rule when detector == "tool_calls" => rule with { Patterns = ["rm -rf"] },
        var rule => rule,
    };
}
