using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Pipeline;

/// <summary>What surrounds the steps of a request that is no inference: its trace, its error where a step refuses, its settlement on every ending.</summary>
internal sealed partial class RequestFrame(SettleStep settle, TimeProvider time, ILogger<RequestFrame> logger)
{
    /// <summary>A request that begins now. Until its body is read, what is known of it is what is known of an empty one.</summary>
    public RequestContext Begin(HttpContext http, OperationSpec operation, GatewayModel model)
    {
        var context = new RequestContext(http, operation, model, time.GetTimestamp(), (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        _ = EnvelopeReader.Read("{}"u8, operation.Shape, modelInPath: true, 1, out context.Envelope);
        return context;
    }

    /// <summary>Runs the steps; the first that refuses ends it.</summary>
    public async Task RunAsync<TState>(RequestContext context, TState state, Func<RequestContext, TState, ValueTask<Failure?>> steps)
    {
        if (EdgeTracing.IsOn)
        {
            EdgeTracing.Start(context);
        }

        try
        {
            if (await steps(context, state).ConfigureAwait(false) is { } failure)
            {
                await FailAsync(context, failure).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.Http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = context.Settled ? context.Outcome : RequestOutcome.ClientCancelled;
        }
        catch (Exception e) when (!context.Http.RequestAborted.IsCancellationRequested)
        {
            LogBug(e, context.Http.TraceIdentifier);
            await FailAsync(context, new Failure(GatewayError.Internal, Step.Settle, "The gateway failed; the operator finds this request id in its log.")).ConfigureAwait(false);
        }
        finally
        {
            settle.Run(context);
            context.Answer.Dispose();
            context.Upstream?.Dispose();
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

        await ErrorResponse.WriteAsync(context.Http, GuardHeader.Told(failure, context.Guard), context.Attempts, context.Operation.Dialect).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);
}
