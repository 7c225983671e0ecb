using System.Collections.Frozen;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Http.Inbound;

/// <summary>Takes the requests of the public API out of the stream of all requests before routing, which they do not need, and gives each to who serves it.</summary>
internal sealed class InboundMiddleware(
    RequestDelegate next,
    InferencePipeline pipeline,
    IEnumerable<IInboundHandler> handlers,
    RuntimeHolder runtime,
    TimeProvider time)
{
    private readonly FrozenDictionary<InboundEndpoint, IInboundHandler> _handlers = handlers.ToFrozenDictionary(static h => h.Endpoint);

    public Task InvokeAsync(HttpContext http)
    {
        var match = InboundRouter.Match(http.Request);
        return match.Kind switch
        {
            InboundMatchKind.Foreign => EdgeTracing.IsOn ? ForeignSpans.RunAsync(http, next, runtime.Current) : next(http),
            InboundMatchKind.Found when match.Row!.Operation is { } operation => InferAsync(http, match, operation),
            InboundMatchKind.Found => _handlers[match.Row!.Endpoint].HandleAsync(http, match),
            InboundMatchKind.WrongMethod => FailAsync(http, match, new Failure(GatewayError.MethodNotAllowed, Step.Http, $"{http.Request.Path} takes {match.Allow}, not {http.Request.Method}.") { Allow = match.Allow }),
            _ => FailAsync(http, match, new Failure(GatewayError.NotFound, Step.Http, $"There is no {http.Request.Path} here. The addresses that are served are listed in the gateway's docs/api.md; GET /v1/models lists the models.")),
        };
    }

    private static Task FailAsync(HttpContext http, in InboundMatch match, Failure failure) =>
        ErrorResponse.WriteAsync(http, failure, null, match.Dialect).AsTask();

    private Task InferAsync(HttpContext http, in InboundMatch match, OperationSpec operation)
    {
        if (runtime.Current is not { } model)
        {
            return FailAsync(http, match, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) });
        }

        var now = time.GetUtcNow();
        var context = new RequestContext(http, operation, model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        {
            PathModel = match.Captured,
        };
        return EdgeTracing.IsOn ? RunTracedAsync(context) : pipeline.RunAsync(context);
    }

    // In a method of its own: the span that begins here is current for the request only.
    private async Task RunTracedAsync(RequestContext context)
    {
        EdgeTracing.Start(context);
        await pipeline.RunAsync(context).ConfigureAwait(false);
    }
}
