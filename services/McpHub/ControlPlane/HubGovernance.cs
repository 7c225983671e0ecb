using Gateway.Contracts;
using Gateway.ControlPlane;
using Gateway.McpHub.CallLog;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Guarding;
using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Policies;
using Gateway.McpHub.Trials;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Stores;

namespace Gateway.McpHub.ControlPlane;

/// <summary>Registration of what makes the hub governed: its configuration, its gate, its log.</summary>
internal static class HubGovernance
{
    /// <summary>Follows governance and decides by its configuration; a hub on a file of its own does not. Before the hub itself, which takes what is there.</summary>
    public static void AddHubGovernance(this WebApplicationBuilder builder)
    {
        if (!IsGoverned(builder.Configuration))
        {
            return;
        }

        var services = builder.Services;
        builder.AddGatewayRedis(StoreNeed.Optional);
        var data = builder.Configuration[WireNames.DataDirectoryKey] is { Length: > 0 } folder ? folder : ".gateway";
        services.AddServiceHttpClient(WireNames.Governance);
        services.AddSingleton<HubRuntime>();
        services.AddSingleton<ISnapshotSink>(static s => s.GetRequiredService<HubRuntime>());
        services.AddSingleton<IHubServers>(static s => s.GetRequiredService<HubRuntime>());
        services.AddControlPlane(Path.Combine(data, WireNames.McpHub), WireNames.McpHub, "Gateway.McpHub", "gateway.mcp", isNeeded: false);
        services.AddSingleton<ToolPrints>().AddSingleton<SessionFlows>().AddSingleton<ApprovalClient>().AddSingleton<CallApproval>();
        services.AddHubGuards();
        services.AddSingleton(static s => new CallLimits(s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<CallLimits>>(), s.GetService<IRedisStore>()));
        services.AddSingleton<CallBook>().AddSingleton<CallRecorder>();
        services.AddSingleton(s => new CallSpool(Path.Combine(data, WireNames.McpHub, "calls"), s.GetRequiredService<InternalToken>().Value));
        services.AddSingleton<ToolReports>().AddHostedService(static s => s.GetRequiredService<ToolReports>());
        services.AddHostedService<CallUploader>();
        services.AddSingleton<IToolPrices, HubPrices>();
        services.AddSingleton<IToolGate, PolicyGate>();
    }

    /// <summary>Maps what governance asks of the hub.</summary>
    public static void MapHubGovernance(this WebApplication app)
    {
        if (IsGoverned(app.Configuration))
        {
            app.MapTrials();
        }
    }

    private static bool IsGoverned(IConfiguration configuration) => string.IsNullOrEmpty(configuration[FileServers.FileKey]);
}
