using Gateway.ServiceDefaults;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Gateway.McpHub.Catalogue;

/// <summary>How the hub presents itself to MCP clients.</summary>
internal static class HubServerOptions
{
    public static McpServerOptions Create(ServiceIdentity identity) => new()
    {
        ServerInfo = new Implementation { Name = "gateway", Version = identity.Version },
        ServerInstructions = "The gateway's hub: tools of the MCP servers registered with it.",
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [] }),
            CallToolHandler = (request, _) => throw new McpProtocolException(
                $"No tool is called '{request.Params?.Name}'. tools/list names those there are.", McpErrorCode.InvalidParams),
        },
    };
}
