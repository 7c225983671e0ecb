using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Caching.Semantic;

/// <summary>Finds personal data in what would be stored, with the guardrails' own detector.</summary>
internal sealed class PersonalData
{
    private readonly CompiledPolicy _policy = PolicyCompiler.Compile(new GuardrailPolicyEntry
    {
        Id = "cache-personal-data",
        Rules = [new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact }],
    }).Policy ?? throw new InvalidOperationException("The built-in policy for personal data does not compile.");

    public bool Has(string text) => GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], _policy).Findings.Count > 0;

    public bool HasAny(IEnumerable<string> texts) => GuardEngine.Check([.. texts.Select(static t => new GuardText(t, GuardrailScope.Input))], _policy).Findings.Count > 0;

    /// <summary>The text with what was found in it replaced by what kind of thing it was.</summary>
    public string Redact(string text) => GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], _policy).Texts[0].Text;
}
