using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Sessions;

/// <summary>A client in a session, as far as messages belong to none of its requests: they go to its stream.</summary>
internal sealed class StandingPeer(HubSession session) : IClientPeer
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
    public IClientPeer? Standing => this;

    /// <inheritdoc/>
    public bool WantsStream => session.HasStream;

    /// <inheritdoc/>
    public ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        if (method != Methods.Message || session.LogLevel is not { } level || LogLevels.Reaches(parameters.Span, level))
        {
            session.Post(RpcWriter.Notification(method, parameters.Span));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        if (!session.HasStream)
        {
            return ValueTask.FromResult(UpstreamReply.Error(RpcError.Object(RpcError.Internal, "The client holds no stream open on which it could be asked.")));
        }

        return session.AskAsync(
            method,
            parameters,
            message =>
            {
                session.Post(message);
                return ValueTask.CompletedTask;
            },
            cancellation);
    }
}
