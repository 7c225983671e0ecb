using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Caching.Keys;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Caching.Semantic;

/// <summary>Finds personal data in what would be stored, with the guardrails' own detector. Without it everything counts as personal.</summary>
internal sealed class PersonalData
{
    private readonly Lazy<CompiledPolicy?> _policy = new(static () => PolicyCompiler.Compile(new GuardrailPolicyEntry
    {
        Id = "cache-personal-data",
        Rules = [new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact }],
    }).Policy);

    public bool Has(string text) => HasAny([text]);

    public bool HasAny(IEnumerable<string> texts) => _policy.Value is not { } policy || Check([.. texts], policy).Findings.Count > 0;

    /// <summary>Whether any text of a JSON body has some.</summary>
    public bool HasIn(ReadOnlySpan<byte> body, int maxDepth)
    {
        var isRead = RequestTokens.TryRead(body, maxDepth, out var tokens);
        try
        {
            var texts = new List<string>();
            for (var i = 0; i < tokens.Count; i++)
            {
                if (tokens[i].Type == JsonTokenType.String)
                {
                    texts.Add(Encoding.UTF8.GetString(tokens.Bytes(tokens[i])));
                }
            }

            return !isRead || HasAny(texts);
        }
        finally
        {
            tokens.Dispose();
        }
    }

    /// <summary>The text with what was found in it replaced by what kind of thing it was.</summary>
    public string Redact(string text) => _policy.Value is { } policy ? Check([text], policy).Texts[0].Text : "";

    private static GuardOutcome Check(string[] texts, CompiledPolicy policy) => GuardEngine.Check([.. texts.Select(static t => new GuardText(t, GuardrailScope.Input))], policy);
}
