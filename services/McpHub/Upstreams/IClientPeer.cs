using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>The side that a request came from, as a server sees it while it works on that request.</summary>
internal interface IClientPeer
{
    /// <summary>What distinguishes conversations that must not share a session at a server; null where sessions may be shared.</summary>
    string? Conversation { get; }

    /// <summary>Whether it speaks a revision without sessions; servers that know both generations are spoken with in the same.</summary>
    bool IsStateless { get; }

    /// <summary>What the client can do: its <c>capabilities</c> object.</summary>
    ReadOnlyMemory<byte> Capabilities { get; }

    /// <summary>From which level on it wants log messages; null for none, or for what the server gives unasked.</summary>
    string? LogLevel { get; }

    /// <summary>Who takes messages of a conversation that belong to no request; null when nobody does.</summary>
    IClientPeer? Standing { get; }

    /// <summary>Whether it holds a stream open on which it hears of what belongs to no request.</summary>
    bool WantsStream => false;

    /// <summary>Passes on a notification of the server. Progress tokens are the client's own.</summary>
    ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation);

    /// <summary>Asks the client what the server wants to know: sampling, elicitation, roots.</summary>
    ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation);
}

/// <summary>Nobody listens: notifications are dropped, questions refused.</summary>
internal sealed class NoPeer : IClientPeer
{
    /// <summary>The only one.</summary>
    public static readonly NoPeer Instance = new();

    private NoPeer()
    {
    }

    /// <inheritdoc/>
    public string? Conversation => null;

    /// <inheritdoc/>
    public bool IsStateless => true;

    /// <inheritdoc/>
    public string? LogLevel => null;

    /// <inheritdoc/>
    public IClientPeer? Standing => null;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Capabilities => JsonBytes.EmptyObject;

    /// <inheritdoc/>
    public ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
        => ValueTask.FromResult(UpstreamReply.Error(RpcError.Object(RpcError.MethodNotFound, $"Nobody is there to answer {method}.")));
}
