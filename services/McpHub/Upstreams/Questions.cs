using System.Collections.Concurrent;
using System.Text;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>Questions that a server asks and clients have not answered yet.</summary>
internal sealed class Questions(Wire wire)
{
    private const int Max = 256;

    private readonly ConcurrentDictionary<string, CancellationTokenSource> open = new(StringComparer.Ordinal);

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => open.IsEmpty;

    /// <summary>Has a request of the server answered; the answer goes back on its own.</summary>
    public void Ask(RpcMessage request, IClientPeer? peer)
    {
        var id = Encoding.UTF8.GetString(request.Id.Span);
        var cancelled = new CancellationTokenSource();
        if (!open.TryAdd(id, cancelled))
        {
            cancelled.Dispose();
            return;
        }

        _ = AnswerAsync(request, peer, id, cancelled);
    }

    /// <summary>The server wants no answer any more.</summary>
    public void Cancel(ReadOnlyMemory<byte> parameters)
    {
        if (JsonBytes.TryGet(parameters.Span, "requestId"u8, out var id) && open.TryGetValue(Encoding.UTF8.GetString(id), out var cancelled))
        {
            TryCancel(cancelled);
        }
    }

    /// <summary>Nobody wants answers any more.</summary>
    public void CancelAll()
    {
        foreach (var cancelled in open.Values)
        {
            TryCancel(cancelled);
        }
    }

    private static void TryCancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was answered meanwhile.
        }
    }

    private async Task AnswerAsync(RpcMessage request, IClientPeer? peer, string id, CancellationTokenSource cancelled)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var reply = await AskAsync(request, peer, cancelled.Token).ConfigureAwait(false);
            await wire.TellAsync(
                reply.IsResult ? RpcWriter.Result(request.Id.Span, reply.Json.Span)
                : RpcWriter.Error(request.Id.Span, reply.Fault is { } fault ? RpcError.Object(RpcError.Internal, fault.Sentence) : reply.Json.Span),
                cancelled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The server withdrew the question, or the session ended.
        }
        finally
        {
            open.TryRemove(id, out _);
            cancelled.Dispose();
        }
    }

    private ValueTask<UpstreamReply> AskAsync(RpcMessage request, IClientPeer? peer, CancellationToken cancellation)
    {
        if (request.Method == Methods.Ping)
        {
            return ValueTask.FromResult(UpstreamReply.Result(JsonBytes.EmptyObject));
        }

        if (!Methods.IsQuestion(request.Method))
        {
            return Refuse(RpcError.MethodNotFound, $"The gateway does not know {request.Method}.");
        }

        return peer is null ? Refuse(RpcError.InvalidRequest, "It cannot be told whose request this question belongs to.")
            : !ClientCapabilities.Allow(peer.Capabilities, request.Method) ? Refuse(RpcError.MethodNotFound, $"The client cannot answer {request.Method}.")
            : open.Count > Max ? Refuse(RpcError.Internal, "Too many questions are unanswered.")
            : peer.AskAsync(request.Method, request.Body, cancellation);
    }

    private static ValueTask<UpstreamReply> Refuse(int code, string message) => ValueTask.FromResult(UpstreamReply.Error(RpcError.Object(code, message)));
}
