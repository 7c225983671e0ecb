using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary>Serves one address of files or batches, with the steps that every request goes through.</summary>
internal sealed class StoredObjectHandler(
    InboundEndpoint endpoint,
    OperationSpec operation,
    Func<RequestContext, string, ValueTask<Failure?>> serve,
    IdentifyStep identify,
    RequestFrame frame,
    RuntimeHolder runtime) : IInboundHandler
{
    public InboundEndpoint Endpoint => endpoint;

    public Task HandleAsync(HttpContext http, InboundMatch match) => runtime.Current is { } model
        ? frame.RunAsync(frame.Begin(http, operation, model), match.Captured ?? "", RunAsync)
        : ErrorResponse.WriteAsync(http, Failure.NotReady, null).AsTask();

    private async ValueTask<Failure?> RunAsync(RequestContext context, string captured) =>
        identify.Run(context)
        ?? AuthorizeStep.CheckAddress(context)
        ?? await serve(context, captured).ConfigureAwait(false);
}
