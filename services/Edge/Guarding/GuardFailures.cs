using Gateway.Edge.Errors;

namespace Gateway.Edge.Guarding;

/// <summary>What callers are told. Never what was found: that would teach how to get around it, and repeat what must not be said.</summary>
internal static class GuardFailures
{
    public static Failure Blocked() => new(GatewayError.ContentBlocked, Step.GuardInput, "The request contains text that this gateway's policy does not allow to be sent.");

    public static Failure Unavailable() => new(GatewayError.GuardrailUnavailable, Step.GuardInput, "The guardrail service does not answer, and policy requires its verdict (settings.guardrailFailure: closed). Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(2) };
}
