using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Routing;
using Gateway.Routing;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 7: where it goes. Takes the key's own route where it has one, asks the route's rules, leaves out what the key may not reach and what is known not to work,
/// and orders the rest by the route's strategy.
/// </summary>
internal sealed class RouteStep(AdmitStep admit, ShadowCalls shadows, TimeProvider time)
{
    private const int MostRedirects = 4;

    public ValueTask<Failure?> RunAsync(RequestContext context)
    {
        if (CallerFallbacks.Take(context) is { } wrong)
        {
            return new(wrong);
        }

        var explain = context.Http.Request.Headers.TryGetValue(GatewayHeaders.Explain, out var wish) && wish == "true";
        if (!explain && context.Log is null && context.Trace is null && context.Key!.Routes.Count == 0 && context.Route!.Only is { } only
            && context.Key.Providers.Allows(only.ProviderId) && only.Unavailable(out _) is null)
        {
            context.Candidates.Set(only);
            return default;
        }

        return DecideAsync(context, explain);
    }

    private async ValueTask<Failure?> DecideAsync(RequestContext context, bool explain)
    {
        context.Decision = new RouteDecision { RoutedAt = time.GetTimestamp() };
        if (explain)
        {
            context.Http.Response.OnStarting(WriteHeaderAsync, context);
        }

        if (context.Guard?.Route is null && NamePattern.Find(context.Key!.Routes, context.ModelName) is { } own && await TakeAsync(context, own.Route, $"the key's own route for '{own.Model}'").ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        var failure = await PlanAsync(context, "the model asked for").ConfigureAwait(false);
        context.Decision.CalledAt = time.GetTimestamp();
        return failure;
    }

    /// <summary>Plans a request's current route and the routes that its rules send it to.</summary>
    /// <param name="context">The request.</param>
    /// <param name="why">How it came to this route, for the decision record.</param>
    public async ValueTask<Failure?> PlanAsync(RequestContext context, string why)
    {
        var facts = new RequestFacts(context, time);
        for (var redirects = 0; ; redirects++)
        {
            var plan = RoutePlanner.Plan(context.Route!, facts);
            context.Decision?.Add(context.Route!, why, plan);
            if (facts.Attributes is { } set && context.Decision is { } decision)
            {
                decision.Attributes = set;
            }

            if (plan.Redirect is not { } redirect)
            {
                context.Candidates.Set(plan.Candidates);
                shadows.Start(context, plan.Shadows);
                return plan.OnlyForbidden
                    ? new Failure(GatewayError.ProviderForbidden, Step.Route, $"This API key may not reach any provider that serves '{context.ModelName}'.") { Param = "model" }
                    : null;
            }

            if (redirects == MostRedirects)
            {
                return new Failure(GatewayError.UpstreamUnavailable, Step.Route, $"The rules of the routes of '{context.ModelName}' send requests in a circle; an administrator must correct them.");
            }

            why = $"rule '{plan.Rule}' of '{context.Route!.Name}'";
            if (await TakeAsync(context, redirect, why).ConfigureAwait(false) is { } refused)
            {
                return refused;
            }
        }
    }

    /// <summary>Puts a request on another route, once what it holds on budgets covers that one too.</summary>
    public async ValueTask<Failure?> TakeAsync(RequestContext context, string name, string why)
    {
        if (context.Model.FindRoute(name) is not { } route)
        {
            return new Failure(GatewayError.ModelUnknown, Step.Route, $"The route '{name}' ({why}) does not exist; an administrator must correct that.") { Param = "model" };
        }

        if (!context.Key!.Access.AllowedRoutes.Allows(route.Entry.Name))
        {
            return new Failure(GatewayError.ModelForbidden, Step.Route, $"This API key may not use the route '{name}' ({why}).") { Param = "model" };
        }

        var (before, wildcard) = (context.Route!, context.WildcardPart);
        var part = route.IsPattern && !name.Contains('*', StringComparison.Ordinal) ? route.WildcardPart(name) : wildcard;
        (context.Route, context.WildcardPart) = (route.ForWildcard(part), part);
        if (await admit.CoverAsync(context, context.Route).ConfigureAwait(false) is not { } failure)
        {
            return null;
        }

        (context.Route, context.WildcardPart) = (before, wildcard);
        return failure;
    }

    private Task WriteHeaderAsync(object state)
    {
        var context = (RequestContext)state;
        context.Http.Response.Headers[GatewayHeaders.Decision] = context.Decision!.ToJson(context, time);
        return Task.CompletedTask;
    }
}
