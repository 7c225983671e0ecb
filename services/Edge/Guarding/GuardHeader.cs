using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding;

/// <summary>The header that tells what guardrails did to a request: policies with the action, never what was found.</summary>
internal static class GuardHeader
{
    private const int MostBytes = 1000;

    public static void Write(HttpResponse response, GuardState state)
    {
        if (!response.HasStarted && Text(state) is { Length: > 0 } text)
        {
            response.Headers[GatewayHeaders.Guardrails] = text;
        }
    }

    /// <summary>A failure that tells what guardrails did.</summary>
    public static Failure Told(Failure failure, GuardState? state) => state is null ? failure : failure with { Guardrails = Text(state) };

    /// <summary>What rules did, for example <c>pii=redact, tone=shadow:block, lakera=failed</c>; <c>unseen=pass</c> or <c>unseen=block</c> where there was something that no rule can look at. Empty for nothing.</summary>
    public static string Text(GuardState state)
    {
        var text = new StringBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var note in state.Notes)
        {
            var what = note.Failure is not null ? "failed" : note.Count > 0 ? Action(note) : null;
            if (what is null)
            {
                continue;
            }

            var entry = $"{note.Policy}={(note.Mode == GuardrailMode.Shadow ? "shadow:" : "")}{what}";
            if (seen.Add(entry) && text.Length + entry.Length < MostBytes)
            {
                text.Append(text.Length == 0 ? "" : ", ").Append(entry);
            }
        }

        if (state.HasUnseen)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(state.IsUnseenRefused ? "unseen=block" : "unseen=pass");
        }

        return text.ToString();
    }

    private static string Action(RuleNote note) => note.IsRedactedInstead ? "redact" : note.Action.ToString().ToLowerInvariant();
}
