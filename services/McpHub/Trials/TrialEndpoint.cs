using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.ControlPlane;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.McpHub.Trials;

/// <summary>Where governance lists tools and calls one for an administrator who tries them, by the same way as every client.</summary>
internal static class TrialEndpoint
{
    public static void MapTrials(this WebApplication app) => app.MapGroup("/internal").RequireInternalToken().MapPost("/mcp/trial", TryAsync);

    private static async Task TryAsync(HttpContext context)
    {
        McpTrial? trial;
        try
        {
            trial = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.McpTrial, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            trial = null;
        }

        if (trial is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var services = context.RequestServices;
        var time = services.GetRequiredService<TimeProvider>();
        var began = time.GetTimestamp();
        var answer = Scope(services, trial.Scope) is not { } scope
            ? new McpTrialAnswer { Error = Parsed(RpcError.Object(RpcError.InvalidParams, "The hub does not know this server or bundle, or it is switched off.")) }
            : trial.Tool is { } tool
                ? await CallAsync(services, Caller(services, trial.KeyId), scope, tool, trial.Arguments, context.RequestAborted).ConfigureAwait(false)
                : new McpTrialAnswer { Tools = await ListAsync(services, Caller(services, trial.KeyId), scope, context.RequestAborted).ConfigureAwait(false) };
        answer.DurationMicros = (long)time.GetElapsedTime(began).TotalMicroseconds;
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, answer, ContractsJson.Default.McpTrialAnswer, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(IServiceProvider services, HubCaller caller, HubScope scope, CancellationToken cancellation)
    {
        var tools = await services.GetRequiredService<IToolCatalogue>().ListAsync(caller, scope, cancellation).ConfigureAwait(false);
        return [.. tools.Select(static t => Parsed(JsonBytes.With(t.Tool.Definition.Span, "name"u8, JsonBytes.Text(t.Name))))];
    }

    private static async Task<McpTrialAnswer> CallAsync(IServiceProvider services, HubCaller caller, HubScope scope, string tool, JsonElement? arguments, CancellationToken cancellation)
    {
        var parameters = JsonBytes.Utf8($$"""{"name":{{Encoding.UTF8.GetString(JsonBytes.Text(tool))}},"arguments":{{arguments?.GetRawText() ?? "{}"}}}""");
        var reply = await services.GetRequiredService<IToolCalls>().CallAsync(caller, scope, tool, parameters, NoPeer.Instance, cancellation).ConfigureAwait(false);
        return reply switch
        {
            { Fault: { } fault } => new McpTrialAnswer { Error = Parsed(RpcError.Object(RpcError.Internal, fault.Sentence)) },
            { IsError: true } => new McpTrialAnswer { Error = Parsed(reply.Json) },
            _ => new McpTrialAnswer { Result = Parsed(reply.Json) },
        };
    }

    private static HubCaller Caller(IServiceProvider services, string key)
    {
        var known = key.Length == 0 ? null : services.GetRequiredService<HubRuntime>().Model.Caller(key, services.GetRequiredService<TimeProvider>().GetUtcNow())?.Policies.Caller;
        return new HubCaller
        {
            KeyId = key,
            Team = known?.TeamId is { Length: > 0 } team ? team : null,
            Customer = known?.CustomerId is { Length: > 0 } customer ? customer : null,

            // A session of its own: what an administrator reads does not taint what the key's users do.
            Session = "playground-" + Guid.NewGuid().ToString("n"),
            Origin = CallOrigin.Playground,
        };
    }

    private static HubScope? Scope(IServiceProvider services, string id)
    {
        var registered = services.GetRequiredService<IHubServers>().Current;
        return id.Length == 0 ? HubScope.All : registered.Servers.ContainsKey(id) ? HubScope.Server(id) : registered.Bundles.ContainsKey(id) ? HubScope.Bundle(id) : null;
    }

    private static JsonElement Parsed(ReadOnlyMemory<byte> json) => JsonElement.Parse(json.Span);
}
