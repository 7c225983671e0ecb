using Gateway.Contracts.Usage;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Pipeline;

/// <summary>What it means for a request when its provider's stream does not come to its end.</summary>
internal static class StreamFaults
{
    /// <summary>What a stream that cannot be read any more means; null when the caller has left.</summary>
    public static Failure? Of(RequestContext context, Exception e)
    {
        if (context.Http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = RequestOutcome.ClientCancelled;
            return null;
        }

        if (Revocation.IsCut(context))
        {
            return Revocation.End(context);
        }

        if (context.Answer.Deadline!.GatewayStopped)
        {
            context.Outcome = RequestOutcome.GatewayStopped;
            return new Failure(GatewayError.Stopping, Step.Call, "The gateway is stopping and its time for running answers is over; send the request again.");
        }

        var fault = UpstreamFault.From(e, context.Answer.Deadline!);
        context.Outcome = context.Outcome == RequestOutcome.UpstreamError ? RequestOutcome.UpstreamError : RequestOutcome.UpstreamCut;
        return Broken(fault.Error, fault.Reason);
    }

    public static Failure Malformed(RequestContext context)
    {
        context.Outcome = RequestOutcome.UpstreamCut;
        return Broken(GatewayError.UpstreamInvalid, "an event of the stream is not valid");
    }

    public static Failure Broken(GatewayError error, string reason) =>
        new(error, Step.Call, $"The provider's stream broke off ({reason}). What came before is incomplete; send the request again.");
}
