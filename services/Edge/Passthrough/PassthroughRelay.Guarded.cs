using System.Buffers;
using System.IO.Pipelines;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Passthrough;

/// <content>Answers that guardrails look at: whole ones are there before any of them passes, streams are guarded event by event.</content>
internal sealed partial class PassthroughRelay
{
    private static bool HasBody(RequestContext context, HttpResponseMessage response) =>
        !HttpMethods.IsHead(context.Http.Request.Method) && (int)response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) && response.Content.Headers.ContentLength != 0;

    private static bool IsMedia(string mediaType) =>
        mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || mediaType.StartsWith("video/", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("application/zip", StringComparison.OrdinalIgnoreCase) || mediaType.StartsWith("application/pdf", StringComparison.OrdinalIgnoreCase) || mediaType.Contains("protobuf", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<Failure?> PassGuardedAsync(RequestContext context, PassthroughCall call, HttpResponseMessage response, UsageMeter meter, CallDeadline deadline)
    {
        context.Status = (int)response.StatusCode;
        var mediaType = UpstreamFault.MediaType(response.Content.Headers);
        var isPlain = response.Content.Headers.ContentEncoding.Count == 0;
        if (isPlain && answers.FramesOf(mediaType, context) is { } frames)
        {
            using (frames)
            {
                return await PassEventsAsync(context, call, response, meter, deadline, frames).ConfigureAwait(false);
            }
        }

        if (!isPlain || IsMedia(mediaType) || response.Content.Headers.ContentLength > ResponseBodyReader.MaxBytes)
        {
            if (PassedAnswers.Unseen(context) is { } unseen)
            {
                return Refuse(context, call, meter, unseen);
            }

            await PassAsync(context, call, response, meter, deadline).ConfigureAwait(false);
            return null;
        }

        var whole = await ResponseBodyReader.ReadAsync(response, deadline, call.Account.Provider.Timeouts.IdleMs).ConfigureAwait(false);
        try
        {
            meter.Feed(whole.Span);
            var (content, failure) = await answers.CheckAsync(context, whole.Memory, context.Http.RequestAborted).ConfigureAwait(false);
            if (failure is not null)
            {
                return Refuse(context, call, meter, failure);
            }

            Complete(context, call, meter);
            WriteHead(context, response);
            context.Http.Response.ContentLength = content.Length;
            await PassAsync(context, content).ConfigureAwait(false);
            return null;
        }
        finally
        {
            whole.Return();
        }
    }

    /// <summary>The provider has worked, and its answer must not pass.</summary>
    private Failure Refuse(RequestContext context, PassthroughCall call, UsageMeter meter, Failure failure)
    {
        context.Failure = failure;
        context.Status = failure.Row.Status;
        Complete(context, call, meter, RequestOutcome.ContentBlocked);
        return failure;
    }

    private async ValueTask<Failure?> PassEventsAsync(RequestContext context, PassthroughCall call, HttpResponseMessage response, UsageMeter meter, CallDeadline deadline, PassedFrames frames)
    {
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var idle = call.Account.Provider.Timeouts.IdleMs;
        var output = context.Http.Response.BodyWriter;

        // While an answer is held its status is not told: it may come to an error. A sign of life tells it.
        var written = new ArrayBufferWriter<byte>(BufferBytes);
        var life = frames.IsHeld ? new KeepAlive(context.Operation.Dialect, frames.Frames is not SseFrameReader, keepAlive, time) : null;
        var hasHead = !frames.IsHeld;
        if (hasHead)
        {
            WriteHead(context, response);
        }

        while (true)
        {
            deadline.Arm(CallPhase.Body, idle);
            var room = frames.Frames.GetMemory();
            var read = await stream.ReadAsync(room, deadline.Token).ConfigureAwait(false);
            meter.Feed(room.Span[..read]);
            frames.Frames.Advance(read);
            while (frames.Failure is null && frames.Frames.TryRead(out var frame))
            {
                frames.Write(frame, written);
            }

            if (frames.Failure is null && (frames.Frames.IsMalformed || frames.Frames.Overflowed || (read == 0 && frames.Frames.HasPartialFrame)))
            {
                // What is no event nobody has looked at.
                throw new IOException("The stream is not in its framing.");
            }

            if (read == 0 && frames.Failure is null)
            {
                await frames.CompleteAsync(written, context.Http.RequestAborted).ConfigureAwait(false);
            }

            if (frames.Failure is { } refused && !hasHead && written.WrittenCount == 0)
            {
                return Refuse(context, call, meter, refused);
            }

            if (read > 0 && frames.Failure is null)
            {
                life?.Silent(written);
            }

            if (!hasHead && (written.WrittenCount > 0 || read == 0))
            {
                hasHead = true;
                WriteHead(context, response);
            }

            if (frames.Failure is { } failure)
            {
                Take(written, output);
                return await EndBlockedAsync(context, call, meter, failure, frames, output).ConfigureAwait(false);
            }

            if (read == 0)
            {
                Complete(context, call, meter);
            }

            Take(written, output);
            if (hasHead && !await FlushAsync(context, output).ConfigureAwait(false))
            {
                if (!context.Settled && !Drains(context, call))
                {
                    throw new OperationCanceledException(context.Http.RequestAborted);
                }

                output = PipeWriter.Create(Stream.Null);
            }

            if (read == 0)
            {
                return null;
            }
        }
    }

    private static void Take(ArrayBufferWriter<byte> written, PipeWriter output)
    {
        if (written.WrittenCount > 0)
        {
            output.Write(written.WrittenSpan);
            written.ResetWrittenCount();
        }
    }

    private async ValueTask<Failure?> EndBlockedAsync(RequestContext context, PassthroughCall call, UsageMeter meter, Failure failure, PassedFrames frames, PipeWriter output)
    {
        context.Failure = failure;
        Complete(context, call, meter, RequestOutcome.ContentBlocked);
        if (frames.TryEnd(output))
        {
            await FlushAsync(context, output).ConfigureAwait(false);
            return null;
        }

        StreamErrors.Write(context, failure, time.GetUtcNow(), output);
        await FlushAsync(context, output).ConfigureAwait(false);
        if (!StreamErrors.EndsInOrder(context))
        {
            context.Http.Abort();
        }

        return null;
    }

    private async ValueTask<bool> FlushAsync(RequestContext context, PipeWriter output)
    {
        try
        {
            var flush = await output.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
            context.FirstByteTimestamp = context.FirstByteTimestamp == 0 ? time.GetTimestamp() : context.FirstByteTimestamp;
            return !flush.IsCompleted;
        }
        catch (OperationCanceledException) when (context.Http.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }
}
