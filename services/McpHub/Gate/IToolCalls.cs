using Gateway.McpHub.Callers;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Gate;

/// <summary>Calls tools: finds the tool, asks the gate, sends the call, asks the gate again. The one way by which any part of the hub calls a tool.</summary>
internal interface IToolCalls
{
    /// <summary>Calls a tool.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="scope">Through which address; decides how tools are named.</param>
    /// <param name="name">The name that the caller sees.</param>
    /// <param name="parameters">The whole <c>params</c> object of <c>tools/call</c>; its <c>name</c> is not looked at.</param>
    /// <param name="peer">Who hears of progress and answers the server's questions; <see cref="NoPeer"/> where nobody does.</param>
    /// <param name="cancellation">Cancels the call at the server too.</param>
    /// <returns>What the caller gets, refusals and pending approvals included.</returns>
    ValueTask<UpstreamReply> CallAsync(HubCaller caller, HubScope scope, string name, ReadOnlyMemory<byte> parameters, IClientPeer peer, CancellationToken cancellation);
}
