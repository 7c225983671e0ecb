using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Uploads;

/// <summary>Serves one address of files or batches, with the steps that every request goes through.</summary>
internal sealed partial class StoredObjectHandler(
    InboundEndpoint endpoint,
    OperationSpec operation,
    Func<RequestContext, string, ValueTask<Failure?>> serve,
    IdentifyStep identify,
    SettleStep settle,
    RuntimeHolder runtime,
    TimeProvider time,
    ILogger<StoredObjectHandler> logger) : IInboundHandler
{
    public InboundEndpoint Endpoint => endpoint;

    public async Task HandleAsync(HttpContext http, InboundMatch match)
    {
        if (runtime.Current is not { } model)
        {
            await ErrorResponse.WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }, null).ConfigureAwait(false);
            return;
        }

        var now = time.GetUtcNow();
        var context = new RequestContext(http, operation, model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        _ = EnvelopeReader.Read("{}"u8, operation.Shape, modelInPath: true, 1, out context.Envelope);
        if (EdgeTracing.IsOn)
        {
            EdgeTracing.Start(context);
        }

        try
        {
            if ((identify.Run(context) ?? AuthorizeStep.CheckAddress(context) ?? await serve(context, match.Captured ?? "").ConfigureAwait(false)) is { } failure)
            {
                await FailAsync(context, failure).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
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
            context.Body.Return();
            EdgeTracing.Finish(context, time);
        }
    }

    private async ValueTask FailAsync(RequestContext context, Failure failure)
    {
        context.Failure = failure;
        if (context.Outcome == RequestOutcome.ClientCancelled)
        {
            return;
        }

        context.Status = failure.Row.Status;
        settle.Run(context);
        if (context.Http.Response.HasStarted)
        {
            context.Http.Abort();
            return;
        }

        await ErrorResponse.WriteAsync(context.Http, GuardHeader.Told(failure, context.Guard), context.Attempts).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);
}
