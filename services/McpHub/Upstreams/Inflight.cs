namespace Gateway.McpHub.Upstreams;

/// <summary>A request under way at a server.</summary>
internal sealed class Inflight(long id, IClientPeer peer, ReadOnlyMemory<byte> progressToken)
{
    /// <summary>The hub's id for it, which is its progress token as well.</summary>
    public long Id { get; } = id;

    /// <summary>Who asked.</summary>
    public IClientPeer Peer { get; } = peer;

    /// <summary>The client's own progress token; empty when he wants no progress.</summary>
    public ReadOnlyMemory<byte> ProgressToken { get; } = progressToken;

    /// <summary>The answer, for wires on which all messages share a channel.</summary>
    public TaskCompletionSource<UpstreamReply> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A request as it goes over a wire.</summary>
/// <param name="Inflight">What is remembered of it.</param>
/// <param name="Method">The method.</param>
/// <param name="Message">The whole message.</param>
/// <param name="Headers">Headers that mirror the body, for HTTP since 2026-07-28; null for none.</param>
internal readonly record struct WireRequest(Inflight Inflight, string Method, ReadOnlyMemory<byte> Message, IReadOnlyList<KeyValuePair<string, string>>? Headers);
