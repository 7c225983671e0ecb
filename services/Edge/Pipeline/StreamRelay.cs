using System.Buffers;
using System.IO.Pipelines;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Pipeline;

/// <summary>
/// Passes a provider's stream on event by event. Usage that the gateway asked for and the caller did not is taken out again. A stream counts as complete only
/// with its terminator: one that is cut, stalls, or ends without it closes with an error event, without <c>[DONE]</c>, and with its connection broken off,
/// because some clients skip an error event and take the regular end of a body for the end of the answer.
/// </summary>
internal sealed class StreamRelay(IOutputGuard guard, SettleStep settle, TimeProvider time)
{
    private enum Next
    {
        Continue,
        Done,
    }

    public async ValueTask<Failure?> RunAsync(RequestContext context)
    {
        context.Status = StatusCodes.Status200OK;
        AnswerStep.WriteHead(context, StatusCodes.Status200OK);
        // Proxies in front of the gateway must not collect the stream either.
        context.Http.Response.Headers["x-accel-buffering"] = "no";
        context.Http.Response.Headers.CacheControl = "no-cache";
        var output = context.Http.Response.BodyWriter;
        try
        {
            return await PumpAsync(context, context.Answer.Stream!, output).ConfigureAwait(false) is { } failure
                ? await EndWithErrorAsync(context, output, failure).ConfigureAwait(false)
                : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            if (context.Http.RequestAborted.IsCancellationRequested)
            {
                context.Outcome = RequestOutcome.ClientCancelled;
                return null;
            }

            if (context.Answer.Deadline!.GatewayStopped)
            {
                context.Outcome = RequestOutcome.GatewayStopped;
                return await EndWithErrorAsync(context, output, new Failure(GatewayError.Stopping, Step.Call, "The gateway is stopping and its time for running answers is over; send the request again.")).ConfigureAwait(false);
            }

            var fault = UpstreamFault.From(e, context.Answer.Deadline!);
            context.Outcome = RequestOutcome.UpstreamCut;
            return await EndWithErrorAsync(context, output, Broken(fault.Error, fault.Reason)).ConfigureAwait(false);
        }
    }

    private async ValueTask<Failure?> PumpAsync(RequestContext context, StreamSource source, PipeWriter output)
    {
        while (true)
        {
            while (source.TryTake(out var frame))
            {
                var (next, failure) = await PassAsync(context, frame, output).ConfigureAwait(false);
                if (failure is not null)
                {
                    return failure;
                }

                if (next == Next.Done)
                {
                    await output.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
                    return null;
                }
            }

            var flush = await output.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
            if (context.FirstByteTimestamp == 0)
            {
                context.FirstByteTimestamp = time.GetTimestamp();
            }

            if (flush.IsCompleted)
            {
                context.Outcome = RequestOutcome.ClientCancelled;
                return null;
            }

            if (!await source.FillAsync().ConfigureAwait(false))
            {
                if (context.Outcome == RequestOutcome.UpstreamError)
                {
                    // The provider has told its error in an event of its own; nothing is to be added.
                    settle.Run(context);
                    context.Http.Abort();
                    return null;
                }

                context.Outcome = RequestOutcome.UpstreamCut;
                return Broken(GatewayError.UpstreamCut, source.HasPartialFrame ? "the stream was cut inside an event" : "the stream ended without its terminator");
            }
        }
    }

    private ValueTask<(Next Next, Failure? Failure)> PassAsync(RequestContext context, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        var payload = SseData.Find(frame);
        var chunk = StreamChunk.Read(payload.Span);
        context.OutputTextBytes += chunk.TextBytes;
        if (chunk.HasUsage)
        {
            context.Tokens = chunk.Tokens;
            context.HasUsage = true;
        }

        switch (chunk.Kind)
        {
            case StreamChunkKind.Malformed:
                context.Outcome = RequestOutcome.UpstreamCut;
                return new((Next.Done, Broken(GatewayError.UpstreamInvalid, "an event of the stream is not valid JSON")));
            case StreamChunkKind.Done:
                if (context.Outcome != RequestOutcome.UpstreamError)
                {
                    context.Outcome = RequestOutcome.Completed;
                }

                settle.Run(context);
                output.Write(frame.Span);
                return new((Next.Done, null));
            case StreamChunkKind.Error:
                context.Outcome = RequestOutcome.UpstreamError;
                output.Write(CredentialScrubber.Scrub(frame, context.Deployment!.Secret).Span);
                return new((Next.Continue, null));
            case StreamChunkKind.Usage when HidesUsage(context):
                return new((Next.Continue, null));
            default:
                return guard.AppliesTo(context)
                    ? GuardedAsync(context, frame, payload, chunk, output)
                    : new((Write(context, frame, payload, chunk, output), null));
        }
    }

    private async ValueTask<(Next Next, Failure? Failure)> GuardedAsync(RequestContext context, ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> payload, StreamChunk chunk, PipeWriter output) =>
        await guard.CheckAsync(context, payload).ConfigureAwait(false) is { } blocked
            ? (Next.Done, blocked)
            : (Write(context, frame, payload, chunk, output), null);

    private static Next Write(RequestContext context, ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> payload, in StreamChunk chunk, PipeWriter output)
    {
        var span = frame.Span;
        if (chunk.NullUsageStart >= 0 && HidesUsage(context) && span.Overlaps(payload.Span, out var offset))
        {
            // The payload is a slice of the frame: the overlap of a later span is reported as a positive offset.
            var from = offset + chunk.NullUsageStart;
            output.Write(span[..from]);
            output.Write(span[(from + chunk.NullUsageLength)..]);
        }
        else
        {
            output.Write(span);
        }

        return Next.Continue;
    }

    private static bool HidesUsage(RequestContext context) =>
        context.Envelope.StreamUsage != StreamUsage.Requested && context.Deployment!.Provider.Entry.StreamUsageOption;

    private async ValueTask<Failure?> EndWithErrorAsync(RequestContext context, PipeWriter output, Failure failure)
    {
        context.Failure = failure;
        settle.Run(context);
        var error = ErrorResponse.Build(failure, context.Attempts, context.Http.TraceIdentifier);
        output.Write("data: "u8);
        output.Write(error.WrittenSpan);
        output.Write("\n\n"u8);
        try
        {
            await output.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
            context.Http.Abort();
        }
        catch (OperationCanceledException)
        {
            // The caller left meanwhile; the request is settled, and nobody is there to be told.
        }

        return null;
    }

    private static Failure Broken(GatewayError error, string reason) =>
        new(error, Step.Call, $"The provider's stream broke off ({reason}). What came before is incomplete; send the request again.");
}
