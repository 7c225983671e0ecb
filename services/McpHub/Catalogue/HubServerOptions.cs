using Gateway.ServiceDefaults;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Gateway.McpHub.Catalogue;

/// <summary>How the hub presents itself to MCP clients.</summary>
internal static class HubServerOptions
{
    public static McpServerOptions Create(ServiceIdentity identity, IToolCatalogue catalogue) => new()
    {
        ServerInfo = new Implementation { Name = "gateway", Version = identity.Version },
        ServerInstructions = "The gateway's hub: tools of the MCP servers registered with it.",
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. catalogue.Tools] }),
            CallToolHandler = async (request, cancellationToken) =>
                request.Params is { } call && await catalogue.CallAsync(call, cancellationToken).ConfigureAwait(false) is { } result
                    ? result
                    : throw new McpProtocolException(
                        $"No tool is called '{request.Params?.Name}'. tools/list names those there are.", McpErrorCode.InvalidParams),
        },
    };
}
