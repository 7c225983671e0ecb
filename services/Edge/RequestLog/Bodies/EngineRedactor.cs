using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.RequestLog.Bodies;

/// <summary>
/// Redacts with the guardrails' detectors of secrets and of personal data. Where they cannot be had, nothing is let through: a body that was not looked at is not kept.
/// </summary>
internal sealed class EngineRedactor : IBodyRedactor
{
    // One detector may find more than it reports at once; each round takes those away.
    private const int MostRounds = 32;

    private static readonly GuardrailPolicyEntry _entry = new()
    {
        Id = "request-log",
        TimeoutMilliseconds = 60_000,
        Rules =
        [
            new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Redact },
            new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact },
        ],
    };

    private readonly CompiledPolicy? _policy = PolicyCompiler.Compile(_entry).Policy;

    public string? Redact(string text, ref int places)
    {
        if (_policy is null)
        {
            return null;
        }

        if (text.AsSpan().TrimStart().IsEmpty)
        {
            return text;
        }

        for (var round = 0; round < MostRounds; round++)
        {
            var outcome = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], _policy);
            if (outcome.IsFailure || outcome.Verdict != GuardVerdict.Allow)
            {
                return null;
            }

            if (!outcome.IsChanged || outcome.Texts[0].Text == text)
            {
                return text;
            }

            places += Math.Max(1, outcome.Findings.Count);
            text = outcome.Texts[0].Text;
        }

        return null;
    }
}
