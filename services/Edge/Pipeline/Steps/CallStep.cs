using System.Runtime.CompilerServices;
using Gateway.Contracts.Usage;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Routing.Calls;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 8: call. Calls the candidates of the route, then those of its fallbacks, until one answers. A provider's refusal of the request itself is passed on as it
/// came; where nothing answers, one error lists every target with its reason.
/// </summary>
internal sealed class CallStep(RouteCalls calls, FallbackRoutes fallbacks, TimeProvider time)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Failure?> RunAsync(RequestContext context)
    {
        var end = await calls.RunAsync(context).ConfigureAwait(false);
        return end == RouteEnd.Answered ? null : await FallBackAsync(context, end).ConfigureAwait(false);
    }

    private async ValueTask<Failure?> FallBackAsync(RequestContext context, RouteEnd end)
    {
        using var state = context.FailedCalls ?? new CallState();
        var fellBack = false;
        // Who does not hold the response that is continued cannot answer.
        if (end is RouteEnd.Exhausted or RouteEnd.ContextLength or RouteEnd.ContentFilter && context.Stored is not { IsBound: true })
        {
            (end, fellBack) = await fallbacks.RunAsync(context, end).ConfigureAwait(false);
        }

        switch (end)
        {
            case RouteEnd.Answered:
                return null;
            case RouteEnd.CallerGone:
                context.Outcome = RequestOutcome.ClientCancelled;
                return new Failure(GatewayError.UpstreamCut, Step.Call, "The caller went away.");
            case RouteEnd.Revoked:
                return Revocation.End(context);
            case RouteEnd.Exhausted when state.Last.Refusal is { } impossible:
                context.Outcome = RequestOutcome.Rejected;
                return impossible;
            case RouteEnd.Exhausted when state.Refusal is null || fellBack || !IsAlone(context):
                context.Outcome = RequestOutcome.UpstreamUnavailable;
                var failure = AllDown.Describe(context, state, time);
                if (context.Decision is { } decision && context.Http.Request.Headers.ContainsKey(GatewayHeaders.Explain))
                {
                    context.Attempts.Decision = decision.ToJson(context, time);
                }

                return failure;
            default:
                // The provider's own refusal is the best answer there is: it goes to the caller as it came.
                state.AdoptRefusal();
                return null;
        }
    }

    /// <summary>True when no other target could have been called.</summary>
    private static bool IsAlone(RequestContext context) =>
        context.Candidates.Count == 1 && context.Decision?.Skipped.Any(static s => s.Kind == Gateway.Routing.SkipKind.Unavailable) != true;
}
