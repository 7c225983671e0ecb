using Gateway.Contracts.Configuration;

namespace Gateway.ControlPlane;

/// <summary>Takes a configuration into force.</summary>
internal interface ISnapshotSink
{
    /// <summary>Swaps the running configuration for <paramref name="snapshot"/>.</summary>
    /// <returns>What was wrong with it, one line each; empty when all of it is in force.</returns>
    IReadOnlyList<string> Apply(GatewaySnapshot snapshot);
}
