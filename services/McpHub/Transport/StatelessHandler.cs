using Gateway.McpHub.Bridging;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.McpHub.Transport;

/// <summary>Requests of clients without sessions (2026-07-28).</summary>
internal sealed class StatelessHandler(
    HubServer server, HubDescription description, HubIdentity identity, IToolCatalogue catalogue, ParkedCalls parked, ListenHandler listening, IDrain drain, TimeProvider time)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>A POST.</summary>
    public async Task PostAsync(HttpContext context, HubCaller caller, HubScope scope, RpcMessage message)
    {
        if (message.Kind is RpcKind.Notification)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        if (message.Kind != RpcKind.Request)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, RpcError.InvalidRequest, "Answers are not sent as messages of their own since 2026-07-28.", message.Id).ConfigureAwait(false);
            return;
        }

        if (await StatelessChecks.RefuseAsync(context, message, caller, scope, catalogue).ConfigureAwait(false))
        {
            return;
        }

        var meta = Meta.Of(message.Body);
        var capabilities = JsonBytes.TryGet(meta, Meta.ClientCapabilities, out ReadOnlyMemory<byte> found) ? found : JsonBytes.EmptyObject;
        var peer = new StatelessPeer(capabilities, JsonBytes.TryGetString(meta.Span, Meta.LogLevel, out var level) ? level : null);
        var call = new ClientCall { Caller = caller, Scope = scope, Peer = peer, Method = message.Method, Parameters = message.Body };
        if (message.Method == Methods.Listen)
        {
            await listening.ServeAsync(context, call, message.Id).ConfigureAwait(false);
            return;
        }

        using var stream = new ResponseStream(context);
        if (message.Method == Methods.Discover)
        {
            var described = UpstreamReply.Result(await description.DiscoverAsync(caller, scope, peer, context.RequestAborted).ConfigureAwait(false));
            await FinishAsync(stream, message, call, described).ConfigureAwait(false);
            return;
        }

        if (Begin(call, peer) is { } running)
        {
            await ServeAsync(context, stream, message, call, running).ConfigureAwait(false);
        }
        else
        {
            await stream.FinishAsync(StatusCodes.Status200OK, Finishing.Message(message.Id.Span, Forgotten(), "")).ConfigureAwait(false);
        }
    }

    private static UpstreamReply Forgotten()
        => UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The requestState is not known: it expired, or belongs to another request. Send the request again without it."));

    // Null when what is to be gone on with is not there any more.
    private ParkedCall? Begin(ClientCall call, StatelessPeer peer)
    {
        if (JsonBytes.TryGetString(call.Parameters.Span, "requestState"u8, out var state) && state.StartsWith(ParkedCalls.Prefix, StringComparison.Ordinal))
        {
            var found = parked.Take(state, call);
            found?.Peer.Take(JsonBytes.TryGet(call.Parameters, "inputResponses"u8, out ReadOnlyMemory<byte> responses) ? responses : JsonBytes.EmptyObject);
            return found;
        }

        var source = CancellationTokenSource.CreateLinkedTokenSource(drain.Deadline);
        return new ParkedCall(call.Caller.Identity, ParkedCalls.DigestOf(call), peer) { Source = source, Answer = server.AnswerAsync(call, source.Token).AsTask() };
    }

    private async Task ServeAsync(HttpContext context, ResponseStream stream, RpcMessage message, ClientCall call, ParkedCall running)
    {
        await running.Peer.AttachAsync(m => stream.SendAsync(m)).ConfigureAwait(false);

        // The end of the connection is how such a client cancels.
        using var gone = context.RequestAborted.UnsafeRegister(static r => ((ParkedCall)r!).Cancel(), running);
        try
        {
            while (!running.Answer.IsCompleted && !running.Peer.Asked.IsCompleted)
            {
                using var enough = new CancellationTokenSource();
                await Task.WhenAny(running.Answer, running.Peer.Asked, Task.Delay(Silence, time, enough.Token)).ConfigureAwait(false);
                await enough.CancelAsync().ConfigureAwait(false);
                if (!running.Answer.IsCompleted && !running.Peer.Asked.IsCompleted)
                {
                    await stream.KeepAliveAsync().ConfigureAwait(false);
                }
            }

            running.Peer.Detach();
            if (running.Answer.IsCompleted)
            {
                await FinishAsync(stream, message, call, await running.Answer.ConfigureAwait(false)).ConfigureAwait(false);
                running.Source.Dispose();
                return;
            }

            await AskAsync(stream, message, call, running).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            running.Cancel();
        }
    }

    private async ValueTask AskAsync(ResponseStream stream, RpcMessage message, ClientCall call, ParkedCall running)
    {
        var questions = running.Peer.Questions();
        if (!Methods.MayNeedInput(call.Method) || parked.Park(running) is not { } state)
        {
            running.Cancel();
            await FinishAsync(stream, message, call, UpstreamReply.Failed(Faults.Busy(call.Scope.Id ?? ""))).ConfigureAwait(false);
            return;
        }

        var result = JsonBytes.With("{\"resultType\":\"input_required\"}"u8, "inputRequests"u8, questions.Span);
        await FinishAsync(stream, message, call, UpstreamReply.Result(JsonBytes.With(result, "requestState"u8, JsonBytes.Text(state)))).ConfigureAwait(false);
    }

    private async ValueTask FinishAsync(ResponseStream stream, RpcMessage message, ClientCall call, UpstreamReply reply)
    {
        var finished = Finishing.ForStateless(reply, call.Method, identity);
        var code = finished.IsError ? RpcError.Code(finished.Json.Span) : 0;
        var status = code switch
        {
            RpcError.MethodNotFound => StatusCodes.Status404NotFound,
            RpcError.MissingCapability or RpcError.HeaderMismatch or RpcError.UnsupportedVersion => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status200OK,
        };
        await stream.FinishAsync(status, Finishing.Message(message.Id.Span, finished, call.Scope.HasBareNames ? call.Scope.Id! : "")).ConfigureAwait(false);
    }
}
