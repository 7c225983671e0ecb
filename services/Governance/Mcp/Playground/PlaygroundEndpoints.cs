using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Mcp.Servers;
using Gateway.Mcp;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Governance.Mcp.Playground;

/// <summary>Lists tools and calls one, as a key would: through the hub, with all that holds there. What is tried is in the log of calls; nothing is charged for it.</summary>
internal static class PlaygroundEndpoints
{
    private const int MostName = 300;

    // An answer of a tool may be large; the hub bounds it per server.
    private const int MostAnswer = 80 * 1024 * 1024;
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(65);

    public static void MapMcpPlayground(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/mcp/playground").WithTags("MCP hub");
        group.MapPost("/tools", (HttpContext context, IServiceClients clients, ConfigStore store) => TryAsync(context, clients, store, isCall: false))
            .WithName("listPlaygroundTools")
            .WithSummary("The tools that a virtual key would be shown.")
            .Accepts<PlaygroundRequest>("application/json")
            .Produces<McpTrialAnswer>().Refuses(400, 413, 415)
            .Access(EntryKinds.McpTool, AccessAction.Run);
        group.MapPost("/call", (HttpContext context, IServiceClients clients, ConfigStore store) => TryAsync(context, clients, store, isCall: true))
            .WithName("callPlaygroundTool")
            .WithSummary("Calls a tool as a virtual key would. Noted in the audit log.")
            .Accepts<PlaygroundRequest>("application/json")
            .Produces<McpTrialAnswer>().Refuses(400, 413, 415)
            .Access(EntryKinds.McpTool, AccessAction.Run)
            .AuditedAs("mcpTool.try");
    }

    private static async Task<IResult> TryAsync(HttpContext context, IServiceClients clients, ConfigStore store, bool isCall)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var errors = new FieldErrors();
        var reader = new ObjectReader(body, "", errors);
        var trial = new McpTrial
        {
            KeyId = reader.Text("keyId", required: false, Formats.IdLength, Formats.Id) ?? "",
            Scope = reader.Text("scope", required: false, McpIds.MostLength, McpFormats.Scope) ?? "",
        };
        if (isCall)
        {
            trial.Tool = reader.Text("tool", required: true, MostName);
            trial.Arguments = reader.Object("arguments");
        }

        reader.Close();
        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        if (trial.KeyId.Length > 0 && !state.Keys.ContainsKey(trial.KeyId))
        {
            errors.Add("keyId", $"names no key: there is no '{trial.KeyId}'.");
        }

        if (trial.Scope.Length > 0 && !state.McpServers.ContainsKey(trial.Scope) && !state.McpBundles.ContainsKey(trial.Scope))
        {
            errors.Add("scope", $"names no server and no bundle: there is no '{trial.Scope}'.");
        }

        return errors.Any ? Problem.Invalid(errors.All).ToResult() : await AskAsync(clients.Get(WireNames.McpHub), trial, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<IResult> AskAsync(HttpClient hub, McpTrial trial, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_longest);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/mcp/trial")
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(trial, ContractsJson.Default.McpTrial)) { Headers = { ContentType = new("application/json") } },
            };
            using var response = await hub.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return Unavailable($"The MCP hub answered {(int)response.StatusCode}.");
            }

            await response.Content.LoadIntoBufferAsync(MostAnswer, limit.Token).ConfigureAwait(false);
            return Results.Bytes(await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false), "application/json");
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Unavailable("The MCP hub does not answer. Look whether it runs, and whether governance knows its address.");
        }
    }

    private static IResult Unavailable(string detail) =>
        new Problem { Status = 503, Title = "The MCP hub is not available.", Code = "hub_unavailable", Detail = detail }.ToResult();
}
