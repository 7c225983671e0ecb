using Gateway.McpHub.Callers;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Catalogue;

/// <summary>Tools that the hub offers itself, beside or instead of those of servers: search of tools, code mode. Any number may be registered.</summary>
internal interface IMetaTools
{
    /// <summary>What a client is shown by <c>tools/list</c>.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="scope">Through which address.</param>
    /// <param name="tools">What he may use in that scope, or what another of these made of it.</param>
    /// <returns>The same list where nothing is to be changed.</returns>
    IReadOnlyList<ListedTool> Shown(HubCaller caller, HubScope scope, IReadOnlyList<ListedTool> tools);

    /// <summary>Whether a name is of one of these tools. They are asked before the servers, so that no server can take such a name.</summary>
    bool Has(HubCaller caller, HubScope scope, string name);

    /// <summary>Calls one. Calls of servers' tools that it makes go through <see cref="Gate.IToolCalls"/>.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="scope">Through which address.</param>
    /// <param name="name">A name for which <see cref="Has"/> is true.</param>
    /// <param name="parameters">The whole <c>params</c> object of <c>tools/call</c>.</param>
    /// <param name="peer">Who hears of progress.</param>
    /// <param name="cancellation">Ends it at any step.</param>
    ValueTask<UpstreamReply> CallAsync(HubCaller caller, HubScope scope, string name, ReadOnlyMemory<byte> parameters, IClientPeer peer, CancellationToken cancellation);
}
