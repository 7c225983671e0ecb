using Gateway.McpHub.Protocol;
using Gateway.McpHub.Sessions;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Transport;

/// <summary>A client in a session, while one of its requests is under way: what concerns the request goes to the request's own stream.</summary>
internal sealed class RequestPeer(HubSession session, Func<byte[], ValueTask> send) : IClientPeer
{
    /// <inheritdoc/>
    public string? Conversation => session.Id;

    /// <inheritdoc/>
    public bool IsStateless => false;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Capabilities => session.Capabilities;

    /// <inheritdoc/>
    public string? LogLevel => session.LogLevel;

    /// <inheritdoc/>
    public IClientPeer? Standing => session.Standing;

    /// <inheritdoc/>
    public async ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        if (method != Methods.Message || session.LogLevel is not { } level || LogLevels.Reaches(parameters.Span, level))
        {
            await TrySendAsync(RpcWriter.Notification(method, parameters.Span)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
        => session.AskAsync(method, parameters, TrySendAsync, cancellation);

    // Who went away hears nothing; that his request ends is seen to elsewhere.
    private async ValueTask TrySendAsync(byte[] message)
    {
        try
        {
            await send(message).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }
}
