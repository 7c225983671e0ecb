using System.Diagnostics;
using Gateway.Contracts.Usage;
using Gateway.Edge.Guarding;
using Gateway.Edge.Pipeline;
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

    /// <summary>Writes what became of a stream onto the span of its rules.</summary>
    public static void TellOfStream(Activity span, RequestContext context)
    {
        var isBlocked = context.Outcome == RequestOutcome.ContentBlocked || context.Guard is { IsAnswerBlocked: true };
        span.SetTag("gateway.guardrails.verdict", isBlocked ? "block" : context.Answer.Form is { Translation.Guard.IsChanged: true } ? "change" : "pass");
        if (context.Guard is { } state && GuardHeader.Text(state) is { Length: > 0 } text)
        {
            span.SetTag("gateway.guardrails", text);
        }
    }
}
