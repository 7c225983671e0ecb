using Gateway.McpHub.MetaTools;

namespace Gateway.McpHub.ControlPlane;

/// <summary>Prices of calls by the configuration in force.</summary>
internal sealed class HubPrices(HubRuntime runtime) : IToolPrices
{
    /// <inheritdoc/>
    public long Of(string server, string tool) => runtime.Model.Server(server)?.Settings(tool).PriceNanoUsd ?? 0;
}
