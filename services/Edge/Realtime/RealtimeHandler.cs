using System.Net.WebSockets;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Realtime;

/// <summary>
/// Serves <c>/v1/realtime</c>, a WebSocket. Everything that can be refused is refused before the upgrade, as an ordinary error, the connection to the provider
/// included: a caller that is let in has a session.
/// </summary>
internal sealed partial class RealtimeHandler(
    IdentifyStep identify,
    AuthorizeStep authorize,
    AdmitStep admit,
    RouteStep route,
    RealtimeConnector connector,
    RealtimeRelay relay,
    SettleStep settle,
    RuntimeHolder runtime,
    TimeProvider time,
    ILogger<RealtimeHandler> logger) : IInboundHandler
{
    // What a response can take: the window of the realtime models, and their most output.
    private const long PromptBound = 32_000;
    private const long OutputBound = 4_096;

    private static readonly OperationSpec _operation = OperationSpec.Chat with { Operation = Operation.Realtime, Upstream = UpstreamOperation.Realtime, Name = "realtime" };

    private static readonly EnvelopeShape _nothing = new();

    public InboundEndpoint Endpoint => InboundEndpoint.Realtime;

    public async Task HandleAsync(HttpContext http, InboundMatch match)
    {
        if (runtime.Current is not { } model)
        {
            await ErrorResponse.WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }, null).ConfigureAwait(false);
            return;
        }

        RealtimeProtocols.TakeKey(http.Request);
        var now = time.GetUtcNow();
        var context = new RequestContext(http, _operation, model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        {
            PathModel = http.Request.Query["model"] is [{ Length: > 0 } named] ? named : http.Request.Query["deployment"] is [{ Length: > 0 } deployment] ? deployment : "",
        };
        // There is no body; what is known of it is what is known of an empty one.
        _ = EnvelopeReader.Read("{}"u8, _nothing, modelInPath: true, 1, out context.Envelope);
        if (EdgeTracing.IsOn)
        {
            EdgeTracing.Start(context);
        }

        try
        {
            await ServeAsync(context).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException && http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = context.Settled ? context.Outcome : RequestOutcome.ClientCancelled;
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            LogBug(e, http.TraceIdentifier);
            await FailAsync(context, new Failure(GatewayError.Internal, Step.Settle, "The gateway failed; the operator finds this request id in its log.")).ConfigureAwait(false);
        }
        finally
        {
            settle.Run(context);
            EdgeTracing.Finish(context, time);
        }
    }

    private async ValueTask ServeAsync(RequestContext context)
    {
        var failure = identify.Run(context) ?? Check(context) ?? authorize.Run(context) ?? Guard(context)
                ?? await admit.RunAsync(context, context.Route!, PromptBound, OutputBound).ConfigureAwait(false) ?? await route.RunAsync(context).ConfigureAwait(false);
        if (failure is not null)
        {
            await FailAsync(context, failure).ConfigureAwait(false);
            return;
        }

        var (connection, refused) = await connector.ConnectAsync(context).ConfigureAwait(false);
        if (connection is null)
        {
            await FailAsync(context, refused!).ConfigureAwait(false);
            return;
        }

        using (connection)
        {
            context.Http.Response.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
            context.Http.Response.Headers[GatewayHeaders.Provider] = context.Deployment!.Provider.Id;
            context.Status = StatusCodes.Status101SwitchingProtocols;
            using var caller = await context.Http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = connection.Socket.SubProtocol ?? RealtimeProtocols.Answer(context.Http.WebSockets),
                KeepAliveInterval = RealtimeConnector.KeepAlive,
                KeepAliveTimeout = RealtimeConnector.KeepAlive,
            }).ConfigureAwait(false);
            await relay.RunAsync(context, caller, connection.Socket).ConfigureAwait(false);
        }
    }

    /// <summary>Finds the guardrail policies of the session, all of whose messages are one conversation.</summary>
    private static Failure? Guard(RequestContext context)
    {
        if (!InputGuard.Begin(context) || context.Guard is not { } state)
        {
            return null;
        }

        state.ConversationName = context.SessionId.Length > 0 ? null : "realtime\n" + context.Http.TraceIdentifier;
        return EventTexts.Check(context);
    }

    private static Failure? Check(RequestContext context) =>
        !context.Http.WebSockets.IsWebSocketRequest
            ? new Failure(GatewayError.ValueInvalid, Step.Http, "The realtime API is a WebSocket: connect with ws:// or wss:// and an Upgrade header.")
            : context.PathModel!.Length == 0
                ? new Failure(GatewayError.ValueMissing, Step.Envelope, "'model' is required in the address: /v1/realtime?model=NAME, a model as listed by GET /v1/models.") { Param = "model" }
                : null;

    private async ValueTask FailAsync(RequestContext context, Failure failure)
    {
        context.Failure = failure;
        if (context.Outcome == RequestOutcome.ClientCancelled || context.Http.Response.HasStarted)
        {
            context.Http.Abort();
            return;
        }

        context.Status = failure.Row.Status;
        settle.Run(context);
        await ErrorResponse.WriteAsync(context.Http, failure, context.Attempts).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);
}
