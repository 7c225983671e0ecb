using Gateway.McpHub.Auth;
using Gateway.McpHub.Bridging;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Sessions;
using Gateway.McpHub.Upstreams;
using Gateway.McpHub.Upstreams.Stdio;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.McpHub.Transport;

/// <summary>What the hub is made of.</summary>
internal static class HubServices
{
    /// <summary>Adds the hub. What decides about calls and what is registered may be added before, and stays then.</summary>
    public static void AddMcpHub(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = Inbound.MaxBodyBytes + 1);
        var services = builder.Services;
        services.AddSingleton(HubOptions.From(builder.Configuration));
        services.TryAddSingleton<IToolGate, PermissiveGate>();
        if (string.IsNullOrEmpty(builder.Configuration[FileServers.FileKey]))
        {
            services.TryAddSingleton<IHubServers, NoServers>();
        }
        else
        {
            services.AddSingleton<FileServers>();
            services.AddSingleton<IHubServers>(s => s.GetRequiredService<FileServers>());
            services.AddHostedService(s => s.GetRequiredService<FileServers>());
        }

        services.AddSingleton<HubIdentity>();
        services.AddSingleton<StdioCommand>();
        services.AddSingleton<StdioHost>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<PendingSignIns>();
        services.AddSingleton<OAuthClient>();
        services.AddSingleton<UpstreamTokens>();
        services.AddSingleton<UpstreamDirectory>();
        services.AddSingleton<IUpstreams>(s => s.GetRequiredService<UpstreamDirectory>());
        services.AddHostedService(s => s.GetRequiredService<UpstreamDirectory>());
        services.AddSingleton<InputRounds>();
        services.AddSingleton<ParkedCalls>();
        services.AddSingleton<IToolCatalogue, ToolCatalogue>();
        services.AddSingleton<IToolCalls, ToolCalls>();
        services.AddSingleton<PromptMethods>();
        services.AddSingleton<ResourceMethods>();
        services.AddSingleton<HubDescription>();
        services.AddSingleton<HubServer>();
        services.AddSingleton<HubSessions>();
        services.AddHostedService(s => s.GetRequiredService<HubSessions>());
        services.AddSingleton<SessionHandler>();
        services.AddSingleton<StatelessHandler>();
        services.AddSingleton<ListenHandler>();
        services.AddSingleton<OldHttpHandler>();
    }

    /// <summary>Maps its addresses.</summary>
    public static void MapMcpHub(this WebApplication app)
    {
        app.MapMcp();
        app.MapConnect();
    }
}
