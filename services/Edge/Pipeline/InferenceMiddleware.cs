using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Pipeline;

/// <summary>Takes the inference requests out of the stream of all requests before routing, which they do not need.</summary>
internal sealed partial class InferenceMiddleware(RequestDelegate next, InferencePipeline pipeline, RuntimeHolder runtime, TimeProvider time, ILogger<InferenceMiddleware> logger)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (OperationSpec.ForPath(http.Request.Path.Value) is not { } operation)
        {
            return next(http);
        }

        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return ErrorResponse.WriteAsync(http, new Failure(GatewayError.MethodNotAllowed, Step.Http, $"{http.Request.Path} takes POST, not {http.Request.Method}.") { Allow = "POST" }, null).AsTask();
        }

        if (runtime.Current is not { } model)
        {
            return ErrorResponse.WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }, null).AsTask();
        }

        var now = time.GetUtcNow();
        var context = new RequestContext(http, operation, model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        return EdgeTracing.Source.HasListeners() ? RunTracedAsync(context) : RunAsync(context);
    }

    private async Task RunTracedAsync(RequestContext context)
    {
        using var activity = EdgeTracing.Start(context);
        await RunAsync(context).ConfigureAwait(false);
        EdgeTracing.Finish(activity, context);
    }

    private async Task RunAsync(RequestContext context)
    {
        try
        {
            await pipeline.RunAsync(context).ConfigureAwait(false);
        }
        catch (Exception e) when (!context.Http.RequestAborted.IsCancellationRequested)
        {
            LogBug(e, context.Http.TraceIdentifier);
            if (context.Http.Response.HasStarted)
            {
                context.Http.Abort();
            }
            else
            {
                await ErrorResponse.WriteAsync(context.Http, new Failure(GatewayError.Internal, Step.Settle, "The gateway failed; the operator finds this request id in its log."), context.Attempts).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);
}
