using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;

namespace Gateway.Edge.Routing.Calls;

/// <summary>
/// Tries other routes when the one asked for gave no answer: those for the reason at hand, then the caller's own, then the route's general ones. The key must be allowed to use each
/// model, and what is held on its budgets must cover it. A fallback's own fallbacks are not followed.
/// </summary>
internal sealed class FallbackRoutes(RouteStep routing, RouteCalls calls)
{
    /// <returns>How the last route ended, and whether any was tried.</returns>
    public async ValueTask<(RouteEnd End, bool Tried)> RunAsync(RequestContext context, RouteEnd end)
    {
        var entry = context.Route!.Entry;
        IEnumerable<string> names = end switch
        {
            RouteEnd.ContextLength => entry.ContextWindowFallbacks.Concat(context.CallerFallbacks),
            RouteEnd.ContentFilter => entry.ContentPolicyFallbacks.Concat(context.CallerFallbacks),
            _ => context.CallerFallbacks.Concat(entry.Fallbacks),
        };
        var tried = false;
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (await RefuseAsync(context, name).ConfigureAwait(false) is { } reason)
            {
                context.Attempts.Add(name, $"fallback not taken: {reason}", 0, 0);
                continue;
            }

            tried = true;
            end = await calls.RunAsync(context).ConfigureAwait(false);
            if (end is RouteEnd.Answered or RouteEnd.CallerGone or RouteEnd.Revoked)
            {
                break;
            }
        }

        return (end, tried);
    }

    private async ValueTask<string?> RefuseAsync(RequestContext context, string name)
    {
        if (!context.Key!.Models.Allows(name))
        {
            return "the key may not use the model";
        }

        if (await routing.TakeAsync(context, name, "a fallback").ConfigureAwait(false) is { } failure)
        {
            return failure.Row.Code;
        }

        context.Decision ??= new RouteDecision { RoutedAt = context.StartedTimestamp, CalledAt = context.StartedTimestamp };
        return (await routing.PlanAsync(context, "a fallback").ConfigureAwait(false))?.Row.Code;
    }
}
