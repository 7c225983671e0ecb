using Gateway.Embeddings;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.ControlPlane;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Search;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.McpHub.MetaTools;

/// <summary>Registers tool search and code mode.</summary>
internal static class MetaToolServices
{
    public static void AddMetaTools(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(MetaToolOptions.From(builder.Configuration));
        services.AddSingleton(static s => new ToolIndex(new MiniLmEmbeddingGenerator(), s.GetRequiredService<ILogger<ToolIndex>>()));
        services.AddSingleton(static s => new ToolSearch(s.GetRequiredService<ToolIndex>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ProgramRunner>();
        services.TryAddSingleton<IToolPrices>(static s => s.GetService<HubRuntime>() is { } runtime ? new GovernedPrices(runtime) : new NoPrices());
        // Asked for when they are called: what calls tools asks these first whether a name is theirs.
        services.AddSingleton(static s => new GatewayTools(
            s.GetRequiredService<IToolCatalogue>, s.GetRequiredService<IToolCalls>, s.GetRequiredService<ToolSearch>(), s.GetRequiredService<ProgramRunner>(), s.GetRequiredService<IToolPrices>(),
            s.GetRequiredService<MetaToolOptions>()));
        services.AddSingleton<IMetaTools>(static s => s.GetRequiredService<GatewayTools>());
    }
}
