using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Routing;

namespace Gateway.Edge.Routing.Calls;

/// <summary>The one error for a request that no target answered: each with its reason, and when the first of them may work again.</summary>
internal static class AllDown
{
    public static Failure Describe(RequestContext context, CallState state, TimeProvider time)
    {
        var made = context.Attempts.Made;
        if (made == 0 && context.Reservation.Rates.More?.ProviderRefused is { } limited)
        {
            // Nobody was called, and there would have been room but for a limit.
            return LimitFailures.Describe(limited, context.Key!.Limits, Step.Route);
        }

        foreach (var skipped in context.Decision?.Skipped ?? [])
        {
            if (skipped.Kind == SkipKind.Unavailable)
            {
                context.Attempts.Add(skipped.DeploymentId, skipped.Reason, 0, 0);
            }
        }

        var error = OnlyRateLimited(context, state, time) ? GatewayError.UpstreamRateLimited
            : made == 0 || state.Last.Reason.Length == 0 ? GatewayError.UpstreamUnavailable
            : state.Last.Error;
        return new Failure(error, Step.Call, Message(context, state, error, made)) { RetryAfter = EarliestRecovery(context, time) };
    }

    private static string Message(RequestContext context, CallState state, GatewayError error, int made)
    {
        if (context.Attempts.Count > 1 || made == 0)
        {
            var what = error == GatewayError.UpstreamRateLimited ? "is at its provider's rate limit" : "answered";
            return error == GatewayError.UpstreamRateLimited
                ? $"Every deployment for '{context.ModelName}' {what}. 'attempts' lists each; wait for 'retry-after'."
                : $"None of the {context.Attempts.Count} deployments for '{context.ModelName}' {what}{(state.Last.Reason.Length > 0 ? $" (the last: {state.Last.Reason})" : "")}. 'attempts' lists each with its reason; this is not the caller's fault, and trying again later may help.";
        }

        var verb = error switch
        {
            GatewayError.UpstreamTimeout => "did not respond in time",
            GatewayError.UpstreamStalled => "stopped in the middle of its answer",
            GatewayError.UpstreamInvalid => "gave an answer that is not valid",
            GatewayError.UpstreamCut => "broke off its answer",
            GatewayError.UpstreamTooLarge => "gave an answer that is too large",
            GatewayError.UpstreamForbidden => "has an address that may not be called",
            GatewayError.UpstreamUnreachable => "could not be reached",
            _ => "could not be called",
        };
        return $"The provider {verb} ({state.Last.Reason}). 'attempts' lists each try; this is not the caller's fault, and trying again later may help.";
    }

    private static bool OnlyRateLimited(RequestContext context, CallState state, TimeProvider time)
    {
        if (!state.OnlyRateLimits)
        {
            return false;
        }

        var now = time.GetUtcNow();
        var any = false;
        foreach (var target in context.Route!.Targets)
        {
            if (context.Key!.Providers.Allows(target.ProviderId) && target.Entry.CanaryPercent is null)
            {
                any = true;
                if (target.Credential.Retired is not null || target.Quota.CoolsUntil <= now)
                {
                    return false;
                }
            }
        }

        return any;
    }

    private static TimeSpan? EarliestRecovery(RequestContext context, TimeProvider time)
    {
        TimeSpan? earliest = null;
        foreach (var target in context.Route!.Targets)
        {
            if (!context.Key!.Providers.Allows(target.ProviderId))
            {
                continue;
            }

            var wait = target.Unavailable(out var until) is null ? TimeSpan.FromSeconds(1) : until - time.GetUtcNow();
            if (wait is { } known && (earliest is null || known < earliest))
            {
                earliest = known;
            }
        }

        return earliest;
    }
}
