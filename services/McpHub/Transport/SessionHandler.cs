using Gateway.McpHub.Callers;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Sessions;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.McpHub.Transport;

/// <summary>Requests of clients in sessions (2025-03-26 to 2025-11-25, and what the older transport has in common with them).</summary>
internal sealed class SessionHandler(HubServer server, HubDescription description, HubSessions sessions, UpstreamDirectory directory, IDrain drain, TimeProvider time)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>A POST of streamable HTTP.</summary>
    public async Task PostAsync(HttpContext context, HubCaller caller, HubScope scope, RpcMessage message)
    {
        if (message.Kind == RpcKind.Request && message.Method == Methods.Initialize && !context.Request.Headers.ContainsKey(SessionHeader))
        {
            await InitializeAsync(context, await sessions.CreateAsync(caller, scope, isOldHttp: false).ConfigureAwait(false), message).ConfigureAwait(false);
            return;
        }

        if (await FindAsync(context, caller, scope, message.Id).ConfigureAwait(false) is not { } session)
        {
            return;
        }

        using var used = session.Use();
        if (message.Kind != RpcKind.Request)
        {
            await TakeAsync(session, message, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        if (message.Method == Methods.Initialize)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, RpcError.InvalidRequest, "The session was initialised before.", message.Id).ConfigureAwait(false);
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Deadline, session.Closed);
        using var stream = new ResponseStream(context) { AlwaysEvents = true };
        session.Running(message.Id.Span, ended);
        try
        {
            var answer = AnswerAsync(session, message, new RequestPeer(session, m => stream.SendAsync(m)), ended.Token);
            await KeepAliveWhileAsync(answer, stream, ended.Token).ConfigureAwait(false);
            var reply = await answer.ConfigureAwait(false);
            if (reply.Fault is { Kind: UpstreamFaultKind.Cancelled })
            {
                await EndEarlyAsync(context, stream, session, message.Id).ConfigureAwait(false);
                return;
            }

            await stream.FinishAsync(StatusCodes.Status200OK, Finishing.Message(message.Id.Span, reply, session.Scope.HasBareNames ? session.Scope.Id! : "")).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await EndEarlyAsync(context, stream, session, message.Id).ConfigureAwait(false);
        }
        finally
        {
            session.Done(message.Id.Span);
        }
    }

    /// <summary>A GET of streamable HTTP: the stream for what belongs to no request.</summary>
    public async Task GetAsync(HttpContext context, HubCaller caller, HubScope scope)
    {
        if (await FindAsync(context, caller, scope, default).ConfigureAwait(false) is not { } session)
        {
            return;
        }

        if (!session.TryOpenStream())
        {
            await context.RefuseAsync(StatusCodes.Status409Conflict, RpcError.Transport, "This session has its stream open already.").ConfigureAwait(false);
            return;
        }

        using var used = session.Use();
        try
        {
            ResponseStream.Begin(context);
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            directory.OpenStreams(session.Id);

            // Ends as soon as the hub stops: it only waits, and a client opens another elsewhere.
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Started, session.Closed);
            await foreach (var posted in session.ReadAsync(ended.Token).ConfigureAwait(false))
            {
                await ResponseStream.WriteAsync(context, posted, ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // How such a stream always ends.
        }
        finally
        {
            session.CloseStream();
        }
    }

    /// <summary>A DELETE of streamable HTTP: the client ends its session.</summary>
    public async Task DeleteAsync(HttpContext context, HubCaller caller, HubScope scope)
    {
        if (await FindAsync(context, caller, scope, default).ConfigureAwait(false) is { } session)
        {
            await sessions.EndAsync(session).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    /// <summary>Answers a request in a session, whichever way the answer goes.</summary>
    public async Task<UpstreamReply> AnswerAsync(HubSession session, RpcMessage message, IClientPeer peer, CancellationToken cancellation)
    {
        if (message.Method == Methods.SetLevel)
        {
            if (!JsonBytes.TryGetString(message.Body.Span, "level"u8, out var level) || LogLevels.Of(level) < 0)
            {
                return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The level must be one of debug, info, notice, warning, error, critical, alert, emergency."));
            }

            session.LogLevel = level;
            return UpstreamReply.Result(JsonBytes.EmptyObject);
        }

        var reply = await server.AnswerAsync(
            new ClientCall { Caller = session.Caller, Scope = session.Scope, Peer = peer, Method = message.Method, Parameters = message.Body }, cancellation).ConfigureAwait(false);
        if (reply.IsResult && message.Method is Methods.Subscribe or Methods.Unsubscribe && JsonBytes.TryGetString(message.Body.Span, "uri"u8, out var uri))
        {
            if (message.Method == Methods.Unsubscribe)
            {
                session.Unwatch(uri);
            }
            else if (!session.Watch(uri))
            {
                return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The session watches too many resources."));
            }
        }

        return reply;
    }

    /// <summary>Agrees on a revision and says what there is.</summary>
    public async ValueTask<UpstreamReply> BeginAsync(HubSession session, RpcMessage message, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGetString(message.Body.Span, "protocolVersion"u8, out var asked))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The member protocolVersion is missing."));
        }

        var version = Revisions.Agree(asked);
        session.Begin(version, JsonBytes.TryGet(message.Body, "capabilities"u8, out ReadOnlyMemory<byte> capabilities) && JsonBytes.IsObject(capabilities.Span) ? capabilities.ToArray() : JsonBytes.EmptyObject);
        return UpstreamReply.Result(await description.InitializeAsync(session.Caller, session.Scope, session.Standing, version, cancellation).ConfigureAwait(false));
    }

    /// <summary>Takes a notification or an answer.</summary>
    public async ValueTask TakeAsync(HubSession session, RpcMessage message, CancellationToken cancellation)
    {
        if (message.Kind is RpcKind.Result or RpcKind.Error)
        {
            session.Answer(message);
        }
        else if (message.Method == Methods.Cancelled && JsonBytes.TryGet(message.Body.Span, "requestId"u8, out var id))
        {
            session.Cancel(id);
        }
        else if (message.Method == Methods.RootsChanged)
        {
            await directory.NotifyAsync(session.Id, message.Method, message.Body, cancellation).ConfigureAwait(false);
        }
    }

    private async Task InitializeAsync(HttpContext context, HubSession session, RpcMessage message)
    {
        using var used = session.Use();
        var reply = await BeginAsync(session, message, context.RequestAborted).ConfigureAwait(false);
        if (!reply.IsResult)
        {
            await sessions.EndAsync(session).ConfigureAwait(false);
        }
        else
        {
            context.Response.Headers[SessionHeader] = session.Id;
        }

        using var stream = new ResponseStream(context);
        await stream.FinishAsync(reply.IsResult ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, Finishing.Message(message.Id.Span, reply, "")).ConfigureAwait(false);
    }

    private async ValueTask<HubSession?> FindAsync(HttpContext context, HubCaller caller, HubScope scope, ReadOnlyMemory<byte> id)
    {
        var sessionId = context.Request.Headers[SessionHeader].ToString();
        if (sessionId.Length == 0)
        {
            await context.RefuseAsync(
                StatusCodes.Status400BadRequest, RpcError.Transport, $"Header {SessionHeader} is missing: begin with initialize and send the id its answer carries.", id).ConfigureAwait(false);
            return null;
        }

        if (sessions.TryGet(sessionId, caller, scope, out var session) && !session.IsOldHttp)
        {
            return session;
        }

        await context.RefuseAsync(StatusCodes.Status404NotFound, RpcError.SessionNotFound, "Session not found: it ended or never was. Begin a new one with initialize.", id).ConfigureAwait(false);
        return null;
    }

    private async Task KeepAliveWhileAsync(Task<UpstreamReply> answer, ResponseStream stream, CancellationToken cancellation)
    {
        while (!answer.IsCompleted)
        {
            try
            {
                await ((Task)answer).WaitAsync(Silence, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (TimeoutException)
            {
                // Never thrown: suppressed above.
            }

            if (!answer.IsCompleted && !cancellation.IsCancellationRequested)
            {
                await stream.KeepAliveAsync().ConfigureAwait(false);
            }
            else if (cancellation.IsCancellationRequested)
            {
                // The answer sees to it that it ends.
                await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // The caller went away or cancelled, the hub stops, or another request ended the session meanwhile.
    private static Task EndEarlyAsync(HttpContext context, ResponseStream stream, HubSession session, ReadOnlyMemory<byte> id)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        if (session.Closed.IsCancellationRequested && !stream.HasBegun)
        {
            return context.RefuseAsync(StatusCodes.Status404NotFound, RpcError.SessionNotFound, "The session ended while the request was under way.", id);
        }

        // Who cancelled gets no answer; a connection that is to be used again needs an end, though.
        if (!stream.HasBegun)
        {
            ResponseStream.Begin(context);
        }

        return Task.CompletedTask;
    }
}
