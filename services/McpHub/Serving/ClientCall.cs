using Gateway.McpHub.Callers;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>A request of a client.</summary>
internal sealed record ClientCall
{
    /// <summary>Who asks.</summary>
    public required HubCaller Caller { get; init; }

    /// <summary>Through which address.</summary>
    public required HubScope Scope { get; init; }

    /// <summary>The client.</summary>
    public required IClientPeer Peer { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>Its <c>params</c>.</summary>
    public required ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>The same as a request to a server.</summary>
    public UpstreamRequest ToServer() => new() { Method = Method, Parameters = Parameters, Caller = Caller, Peer = Peer, MayRepeat = true };

    /// <summary>The same with other parameters.</summary>
    public UpstreamRequest ToServer(ReadOnlyMemory<byte> parameters) => ToServer() with { Parameters = parameters };
}
