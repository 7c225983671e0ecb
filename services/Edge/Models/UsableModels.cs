using Gateway.Dialects.Chat;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Models;

/// <summary>Exactly the models that a caller's key may use.</summary>
internal sealed class UsableModels(RuntimeHolder runtime, IdentifyStep identify)
{
    /// <summary>The models, in the order of the configuration.</summary>
    public Failure? List(HttpContext http, DialectId dialect, out List<ListedModel> models)
    {
        models = [];
        if (Caller(http, dialect, out var model, out var key) is { } failure)
        {
            return failure;
        }

        foreach (var route in model!.Routes)
        {
            // A pattern such as "openai/*" is no model; what it stands for cannot be listed without asking the provider.
            if (!route.IsPattern && IsUsable(route, route.Name, key!))
            {
                models.Add(ListedModel.Of(route, route.Name));
            }
        }

        return null;
    }

    /// <summary>One model by its name, which may be one that a pattern serves.</summary>
    public Failure? Find(HttpContext http, DialectId dialect, string name, out ListedModel found)
    {
        found = default;
        if (Caller(http, dialect, out var model, out var key) is { } failure)
        {
            return failure;
        }

        if (model!.FindRoute(name) is not { } route || !IsUsable(route, name, key!))
        {
            return new Failure(GatewayError.ModelUnknown, Step.Authorize, $"The model '{name}' does not exist here or may not be used with this key; GET /v1/models lists what may.") { Param = "model" };
        }

        found = ListedModel.Of(route, name);
        return null;
    }

    private Failure? Caller(HttpContext http, DialectId dialect, out GatewayModel? model, out KeyRuntime? key)
    {
        key = null;
        model = runtime.Current;
        return model is null
            ? new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }
            : identify.Identify(http, model, out key, dialect);
    }

    private static bool IsUsable(RouteRuntime route, string name, KeyRuntime key)
    {
        if (!key.MayUse(name, route))
        {
            return false;
        }

        foreach (var target in route.Targets)
        {
            if (key.Providers.Allows(target.Deployment.Provider.Id))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A model as callers see it.</summary>
/// <param name="Name">Its public name.</param>
/// <param name="Owner">The provider that serves it first.</param>
internal readonly record struct ListedModel(string Name, string Owner)
{
    public static ListedModel Of(RouteRuntime route, string name) => new(name, route.Tiers[0][0].Deployment.Provider.Id);
}
