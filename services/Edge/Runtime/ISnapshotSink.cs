using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Runtime;

/// <summary>Takes a new configuration into force.</summary>
internal interface ISnapshotSink
{
    /// <summary>Builds the runtime model of <paramref name="snapshot"/> and swaps it in with one write. With any error the one in force stays, and the errors are returned.</summary>
    IReadOnlyList<string> Apply(GatewaySnapshot snapshot);
}
