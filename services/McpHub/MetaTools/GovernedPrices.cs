using Gateway.McpHub.ControlPlane;

namespace Gateway.McpHub.MetaTools;

/// <summary>Prices by the configuration in force.</summary>
internal sealed class GovernedPrices(HubRuntime runtime) : IToolPrices
{
    /// <inheritdoc/>
    public long Of(string server, string tool) => runtime.Model.Server(server)?.Settings(tool).PriceNanoUsd ?? 0;
}
