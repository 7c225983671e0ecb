using Gateway.Contracts;
using Gateway.Governance.Mcp.Approvals;
using Gateway.Governance.Mcp.Calls;
using Gateway.Governance.Mcp.Import;
using Gateway.Governance.Mcp.Playground;
using Gateway.Governance.Mcp.Policies;
using Gateway.Governance.Mcp.Servers;
using Gateway.Governance.Mcp.Tools;
using Gateway.Governance.Api;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Governance.Mcp;

/// <summary>Registration of what governs the MCP hub.</summary>
internal static class McpExtensions
{
    public static void AddMcpGovernance(this IServiceCollection services)
    {
        services.AddServiceHttpClient(WireNames.McpHub);
        services.AddSingleton<McpServerResource>().AddSingleton<McpBundleResource>().AddSingleton<McpPolicyResource>();
        services.AddSingleton<ToolInventory>().AddSingleton<ToolDecisions>().AddSingleton<CallApprovals>().AddSingleton<CallStore>().AddSingleton<ServerImport>();
        services.AddSingleton<CallRetention>().AddHostedService(static s => s.GetRequiredService<CallRetention>());
    }

    public static void MapMcpGovernance(this RouteGroupBuilder api)
    {
        var services = ((IEndpointRouteBuilder)api).ServiceProvider;
        api.MapMcpImport();
        api.MapResource(services.GetRequiredService<McpServerResource>(), "MCP servers");
        api.MapResource(services.GetRequiredService<McpBundleResource>(), "MCP bundles");
        api.MapResource(services.GetRequiredService<McpPolicyResource>(), "MCP policies");
        api.MapMcpTools();
        api.MapMcpApprovals();
        api.MapMcpCalls();
        api.MapMcpPlayground();
    }

    /// <summary>Where hubs ask and tell.</summary>
    public static void MapMcpExchange(this RouteGroupBuilder inside)
    {
        inside.MapMcpToolReports();
        inside.MapMcpApprovalExchange();
        inside.MapMcpCallIngest();
    }
}
