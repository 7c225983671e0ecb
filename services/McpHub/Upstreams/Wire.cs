using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>How messages get to a server and back, whatever they mean.</summary>
internal abstract class Wire : IAsyncDisposable
{
    /// <summary>Who gets what is no answer. Set before the first message.</summary>
    public IWireOwner Owner { get; set; } = null!;

    /// <summary>Whether it still carries messages.</summary>
    public abstract bool IsAlive { get; }

    /// <summary>Whether both generations of the protocol can be spoken over this transport side by side.</summary>
    public virtual bool HasBothGenerations => false;

    /// <summary>Sends a request and waits for its answer.</summary>
    public abstract ValueTask<UpstreamReply> RequestAsync(WireRequest request, CancellationToken cancellation);

    /// <summary>Sends a notification or an answer; null when it arrived as far as one can tell.</summary>
    public abstract ValueTask<UpstreamFault?> TellAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation);

    /// <summary>Told of the revision once it is agreed on.</summary>
    public virtual void Agreed(string version)
    {
    }

    /// <summary>Opens the stream for messages that belong to no request, where the transport has one.</summary>
    public virtual void OpenStream()
    {
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Who gets what a server sends besides answers.</summary>
internal interface IWireOwner
{
    /// <summary>A request or notification of the server.</summary>
    /// <param name="message">The message; valid for as long as it is referred to.</param>
    /// <param name="inflight">The request on whose stream it came; null where that cannot be told.</param>
    ValueTask ReceiveAsync(RpcMessage message, Inflight? inflight);

    /// <summary>The wire broke: nothing more will come.</summary>
    void Lost(UpstreamFault fault);
}
