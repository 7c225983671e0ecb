using System.Text;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Sessions;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.McpHub.Transport;

/// <summary>HTTP with SSE of 2024-11-05: a GET without a session opens a stream, whose first event is the address for messages.</summary>
internal sealed class OldHttpHandler(SessionHandler handler, HubSessions sessions, UpstreamDirectory directory, IDrain drain)
{
    /// <summary>The member of the query that names the session.</summary>
    public const string SessionQuery = "session";

    /// <summary>A GET.</summary>
    public async Task GetAsync(HttpContext context, HubCaller caller, HubScope scope)
    {
        var session = await sessions.CreateAsync(caller, scope, isOldHttp: true).ConfigureAwait(false);
        using var used = session.Use();
        session.TryOpenStream();
        try
        {
            ResponseStream.Begin(context);
            var address = $"{context.Request.Path}?{SessionQuery}={session.Id}";
            await context.Response.Body.WriteAsync(EventFrame.Of("event: endpoint\ndata: "u8, Encoding.ASCII.GetBytes(address)), context.RequestAborted).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
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
            await sessions.EndAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>A POST: what it comes to goes through the stream.</summary>
    public async Task PostAsync(HttpContext context, HubCaller caller, HubScope scope, RpcMessage message)
    {
        if (!sessions.TryGet(context.Request.Query[SessionQuery].ToString(), caller, scope, out var session) || !session.IsOldHttp)
        {
            await context.RefuseAsync(StatusCodes.Status404NotFound, RpcError.SessionNotFound, "Session not found: open the stream again.", message.Id).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        if (message.Kind == RpcKind.Request)
        {
            _ = AnswerAsync(session, message);
        }
        else
        {
            await handler.TakeAsync(session, message, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HubSession session, RpcMessage message)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(drain.Deadline, session.Closed);
        session.Running(message.Id.Span, ended);
        try
        {
            var reply = message.Method == Methods.Initialize
                ? await handler.BeginAsync(session, message, ended.Token).ConfigureAwait(false)
                : await handler.AnswerAsync(session, message, new RequestPeer(session, Post), ended.Token).ConfigureAwait(false);
            if (message.Method == Methods.Initialize)
            {
                directory.OpenStreams(session.Id);
            }

            if (reply.Fault is not { Kind: UpstreamFaultKind.Cancelled })
            {
                session.Post(Finishing.Message(message.Id.Span, reply, session.Scope.HasBareNames ? session.Scope.Id! : ""));
            }
        }
        catch (OperationCanceledException)
        {
            // Who cancelled gets no answer.
        }
        finally
        {
            session.Done(message.Id.Span);
        }

        ValueTask Post(byte[] sent)
        {
            session.Post(sent);
            return ValueTask.CompletedTask;
        }
    }
}
