using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>The hub as its own client: says that it can do everything, so that servers show all they have, and answers nothing.</summary>
internal sealed class HubPeer : IClientPeer
{
    /// <summary>Without a session, where the server can do without.</summary>
    public static readonly HubPeer Instance = new(isStateless: true);

    /// <summary>In a session.</summary>
    public static readonly HubPeer InSession = new(isStateless: false);

    private HubPeer(bool isStateless) => IsStateless = isStateless;

    /// <inheritdoc/>
    public string? Conversation => null;

    /// <inheritdoc/>
    public bool IsStateless { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Capabilities => ClientCapabilities.All;

    /// <inheritdoc/>
    public string? LogLevel => null;

    /// <inheritdoc/>
    public IClientPeer? Standing => null;

    /// <inheritdoc/>
    public ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
        => NoPeer.Instance.AskAsync(method, parameters, cancellation);
}
