using System.Text.Json;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Models;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>: exactly what the caller's key may use, in OpenAI's shape.</summary>
internal sealed class ModelsEndpoint(RuntimeHolder runtime, IdentifyStep identify)
{
    public async Task ListAsync(HttpContext http)
    {
        if (Caller(http, out var model, out var key) is { } failure)
        {
            await ErrorResponse.WriteAsync(http, failure, null).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/json";
        using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        foreach (var route in model!.Routes)
        {
            if (IsUsable(route, key!))
            {
                WriteModel(writer, route, route.Name);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    public async Task GetAsync(HttpContext http, string id)
    {
        var failure = Caller(http, out var model, out var key);
        var route = failure is null ? model!.FindRoute(id) : null;
        if (failure is null && (route is null || !key!.Models.Allows(id) || !Reaches(route, key)))
        {
            failure = new Failure(GatewayError.ModelUnknown, Step.Authorize, $"The model '{id}' does not exist here or may not be used with this key; GET /v1/models lists what may.") { Param = "model" };
        }

        if (failure is not null)
        {
            await ErrorResponse.WriteAsync(http, failure, null).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/json";
        using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        WriteModel(writer, route!, id);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    private Failure? Caller(HttpContext http, out GatewayModel? model, out KeyRuntime? key)
    {
        key = null;
        model = runtime.Current;
        return model is null
            ? new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }
            : identify.Identify(http, model, out key);
    }

    // A pattern such as "openai/*" is no model; what it stands for cannot be listed without asking the provider.
    private static bool IsUsable(RouteRuntime route, KeyRuntime key) => !route.IsPattern && key.Models.Allows(route.Name) && Reaches(route, key);

    private static bool Reaches(RouteRuntime route, KeyRuntime key)
    {
        foreach (var target in route.Targets)
        {
            if (key.Providers.Allows(target.Deployment.Provider.Id))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteModel(Utf8JsonWriter writer, RouteRuntime route, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, name);
        writer.WriteString("object"u8, "model"u8);
        // When a provider made a model is not known here; the field is required by OpenAI's clients.
        writer.WriteNumber("created"u8, 0);
        writer.WriteString("owned_by"u8, route.Tiers[0][0].Deployment.Provider.Id);
        writer.WriteEndObject();
    }
}
