using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;
using Gateway.Routing;

namespace Gateway.Edge.Passthrough;

/// <summary>Whether a key may make a request that no route stands for.</summary>
internal static class PassthroughAccess
{
    /// <summary>What can be told without the body.</summary>
    public static Failure? Check(RequestContext context, PassthroughCall? call)
    {
        var request = context.Http.Request;
        if (call is null)
        {
            return new Failure(GatewayError.NotFound, Step.Route, $"{request.Path} leads to no provider of this gateway. The form is /passthrough/PROVIDER/PATH, PROVIDER being the id of a configured provider.");
        }

        if (!context.Key!.Providers.Allows(call.Account.Provider.Id))
        {
            return new Failure(GatewayError.ProviderForbidden, Step.Authorize, $"This API key may not reach the provider '{call.Account.Provider.Id}'.");
        }

        if (HttpMethods.IsConnect(request.Method) || HttpMethods.IsTrace(request.Method))
        {
            return new Failure(GatewayError.MethodNotAllowed, Step.Http, $"{request.Method} is not passed on.") { Allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" };
        }

        return context.Http.WebSockets.IsWebSocketRequest || request.Headers.Upgrade.Count > 0
            ? new Failure(GatewayError.RequestUnsupported, Step.Http, "Connections that are upgraded, such as WebSockets, are not passed on.")
            : AuthorizeStep.CheckAddress(context);
    }

    /// <summary>Whether the key may use the models that address and body name. A key that is limited to models may make no request that names none: nobody could tell what it does.</summary>
    public static Failure? CheckModels(RequestContext context, PassthroughCall call)
    {
        call.Resolve();
        var key = context.Key!;
        if (!key.Models.AllowAll || !key.Access.AllowedRoutes.AllowAll)
        {
            if (call.Model is null)
            {
                return new Failure(GatewayError.ModelForbidden, Step.Authorize, "This API key is limited to certain models, and the request names none in its address or its JSON body.") { Param = "model" };
            }

            foreach (var model in (string?[])[call.Address.Model(), call.BodyModel()])
            {
                if (model is not null && !IsAllowed(context, call.Account.Provider.Id, model))
                {
                    return new Failure(GatewayError.ModelForbidden, Step.Authorize, $"This API key may not use the model '{model}' of '{call.Account.Provider.Id}'; GET /v1/models lists what it may use.") { Param = "model" };
                }
            }
        }

        return call.IsBillable ? AuthorizeStep.CheckMetadata(context) : CallerFacts.Read(context);
    }

    /// <summary>True when a public model that the key may use stands for the provider's model.</summary>
    private static bool IsAllowed(RequestContext context, string providerId, string model)
    {
        foreach (var route in context.Model.Routes)
        {
            foreach (var target in route.Targets)
            {
                if (target.Deployment.Provider.Id == providerId && PublicName(route, target.Deployment, model) is { } name && context.Key!.MayUse(name, route))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static string? PublicName(RouteRuntime route, DeploymentRuntime deployment, string model)
    {
        if (!new NamePattern(deployment.Model).Matches(model, out var wildcard))
        {
            return null;
        }

        return route.IsPattern && deployment.IsWildcard ? route.Name.Replace("*", model[wildcard], StringComparison.Ordinal) : route.Name;
    }
}
