using Gateway.Edge.Errors;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding;

/// <summary>What callers are told. Never what was found: that would teach how to get around it, and repeat what must not be said.</summary>
internal static class GuardFailures
{
    /// <summary>What a verdict means for a request; null when it may go on.</summary>
    public static Failure? Of(GuardOutcome outcome) =>
        outcome.Verdict != GuardVerdict.Block ? null : outcome.IsFailure ? Unavailable() : Blocked(outcome.Message);

    public static Failure Blocked(string? message = null) =>
        new(GatewayError.ContentBlocked, Step.GuardInput, message ?? "The request contains text that this gateway's policy does not allow to be sent.");

    public static Failure AnswerBlocked(string? message = null) =>
        new(GatewayError.ContentBlocked, Step.GuardOutput, message ?? "The answer contains text that this gateway's policy does not allow to be passed on.");

    public static Failure Unavailable() => new(GatewayError.GuardrailUnavailable, Step.GuardInput, "A guardrail that policy requires gives no verdict (fail: closed). Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(2) };

    public static Failure Unreadable() =>
        new(GatewayError.ContentBlocked, Step.GuardInput, "A guardrail policy of this API key must see the text of every request, and that of this one cannot be read; send it as text or JSON, or to an operation that the gateway knows.");

    public static Failure AnswerUnreadable() =>
        new(GatewayError.ContentBlocked, Step.GuardOutput, "A guardrail policy of this API key must see the text of every answer, and this one is none that can be read (policies with fail: open let such answers pass).");

    public static Failure AnswerUnasked(string policy) =>
        new(GatewayError.ContentBlocked, Step.GuardInput, $"The guardrail policy '{policy}' of this API key is asked about whole answers, which cannot be done in a realtime session: what is said there is heard at once; use an operation such as /v1/chat/completions.");
}
