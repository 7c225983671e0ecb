using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Mcp.Import;

/// <summary>Import of what MCP clients have in their configuration.</summary>
internal static class McpImportEndpoint
{
    public static void MapMcpImport(this RouteGroupBuilder api) => api.MapPost("/mcp/import", ImportAsync)
        .WithTags("MCP servers")
        .WithName("importMcpServers")
        .WithSummary("Registers the servers of an mcpServers document, as MCP clients have it.")
        .WithDescription("All of them, or none. Secrets in the document become credentials. `dryRun=true` tells what would be registered.")
        .Accepts<object>("application/json")
        .Produces<ServerImportReport>().Refuses(400, 413, 415)
        .Access(EntryKinds.McpServer, AccessAction.Create);

    private static async Task<IResult> ImportAsync(HttpContext context, ServerImport import, bool? dryRun)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var (report, problem) = await import.RunAsync(body, dryRun ?? false, context.RequestAborted).ConfigureAwait(false);
        return problem?.ToResult() ?? Results.Json(report, ServerImportJson.Default.ServerImportReport);
    }
}
