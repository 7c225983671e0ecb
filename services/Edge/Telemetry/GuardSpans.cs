using System.Diagnostics;
using Gateway.Edge.Guarding;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Telemetry;

/// <summary>What guardrails did, on the span of their step: policies and actions, never what was found.</summary>
internal static class GuardSpans
{
    /// <summary>Writes a verdict onto the current span.</summary>
    public static void Tell(GuardState state, GuardOutcome outcome)
    {
        if (Activity.Current is not { Recorded: true, Source.Name: EdgeTracing.SourceName } span)
        {
            return;
        }

        span.SetTag("gateway.guardrails.verdict", outcome.Verdict.ToString().ToLowerInvariant());
        span.SetTag("gateway.guardrails.policies", state.Policies.Policies.Select(static p => p.Entry.Id).ToArray());
        if (GuardHeader.Text(state) is { Length: > 0 } text)
        {
            span.SetTag("gateway.guardrails", text);
        }
    }
}
