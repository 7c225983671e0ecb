using System.Buffers;
using System.IO.Pipelines;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Dialects.OpenAI;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Pipeline;

/// <content>How single events are passed on, by the form of the answer.</content>
internal sealed partial class StreamRelay
{
    private ValueTask<(Next Next, Failure? Failure)> PassAsync(RequestContext context, StreamSource source, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        context.Trace?.Facts.Read(source.Open(frame).Payload.Span);
        if (context.Answer.Form is not { Normalisation: null } form)
        {
            var payload = source.Open(frame).Payload;
            context.Answer.Form?.Normalisation?.Apply(ref frame, ref payload);
            return PassOpenAIAsync(context, payload, frame, output);
        }

        return form.Translation is { } translation ? PassTranslated(context, translation, source, frame, output) : PassScanned(context, form, source, frame, output);
    }

    private ValueTask<(Next Next, Failure? Failure)> PassTranslated(RequestContext context, StreamTranslation translation, StreamSource source, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        if (!translation.Read(source.Open(frame)))
        {
            return new((Next.Done, StreamFaults.Malformed(context)));
        }

        Count(context, translation);
        if (translation.Collector is { IsWaiting: true })
        {
            return DecidedAsync(context, translation, output);
        }

        return OutputMeter.Covers(context) || translation.IsEnding ? new((TranslateOrWait(context, translation, output), null)) : MeteredTranslatedAsync(context, translation, output);
    }

    private async ValueTask<(Next Next, Failure? Failure)> DecidedAsync(RequestContext context, StreamTranslation translation, PipeWriter output) =>
        await DecideAsync(context, translation).ConfigureAwait(false) is { } undecided ? (Next.Done, undecided) : (Translate(context, translation, output), null);

    /// <summary>Asks others about an answer that was collected whole, and lets go on what they leave of it.</summary>
    private async ValueTask<Failure?> DecideAsync(RequestContext context, StreamTranslation translation)
    {
        var collector = translation.Collector!;
        var answer = collector.Build(translation.Source);
        if (collector.IsOverfull)
        {
            context.Outcome = RequestOutcome.ContentBlocked;
            return GuardFailures.Unavailable();
        }

        var (decided, failure) = await new RemoteOutput(context, runner).CheckAsync(answer, context.Http.RequestAborted).ConfigureAwait(false);
        if (failure is null)
        {
            translation.Release(AnswerPlayer.Play(decided));
        }

        return failure;
    }

    private async ValueTask<(Next Next, Failure? Failure)> MeteredTranslatedAsync(RequestContext context, StreamTranslation translation, PipeWriter output) =>
        await meter.EnsureAsync(context).ConfigureAwait(false) is { } stopped ? (Next.Done, stopped) : (TranslateOrWait(context, translation, output), null);

    private Next TranslateOrWait(RequestContext context, StreamTranslation translation, PipeWriter output)
    {
        var life = context.KeepAlive ??= new KeepAlive(context.Operation.Dialect, context.WantsJsonArray, keepAlive, time);
        var before = output.UnflushedBytes;
        var next = Translate(context, translation, output);
        if (output.UnflushedBytes > before)
        {
            life.Wrote();
        }
        else if (next == Next.Continue)
        {
            life.Silent(output);
        }

        return next;
    }

    private Next Translate(RequestContext context, StreamTranslation translation, PipeWriter output)
    {
        var progress = translation.Write(output);
        Count(context, translation);
        switch (progress)
        {
            case StreamProgress.End:
                var isBlocked = context.Guard is { IsAnswerBlocked: true };
                context.Outcome = isBlocked ? RequestOutcome.ContentBlocked : RequestOutcome.Completed;
                context.Failure ??= isBlocked ? GuardFailures.AnswerBlocked() : null;
                settle.Run(context);
                if (isBlocked && translation.Usage is null && context.Tokens.Total > 0)
                {
                    // The provider was not heard to its end; what was settled is what the caller is told.
                    translation.WriteUsage(context.Tokens, output);
                }

                translation.Write(output, afterSettling: true);
                return Next.Done;
            case StreamProgress.Error:
                context.Outcome = RequestOutcome.UpstreamError;
                return Next.Failed;
            default:
                return Next.Continue;
        }
    }

    private ValueTask<(Next Next, Failure? Failure)> PassScanned(RequestContext context, AnswerForm form, StreamSource source, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        var opened = source.Open(frame);
        var kind = form.Scan!.Read(opened);
        Count(context, form.Scan);
        frame = form.Ids?.Rewrite(frame, opened) ?? frame;
        if (form.Passed is { } passed && kind is not (ScannedKind.Malformed or ScannedKind.Error))
        {
            return PassGuardedAsync(context, form, passed, kind, frame, output);
        }

        switch (kind)
        {
            case ScannedKind.Malformed:
                return new((Next.Done, StreamFaults.Malformed(context)));
            case ScannedKind.Terminal:
                context.Outcome = context.Outcome == RequestOutcome.UpstreamError ? RequestOutcome.UpstreamError : RequestOutcome.Completed;
                settle.Run(context);
                Write(form, opened.Payload, frame, output);
                form.Array?.End(output);
                return new((Next.Done, null));
            case ScannedKind.Error:
                context.Outcome = RequestOutcome.UpstreamError;
                var secret = context.Deployment!.Secret;
                Write(form, CredentialScrubber.Scrub(opened.Payload, secret), source.IsText ? CredentialScrubber.Scrub(frame, secret) : frame, output);
                form.Array?.End(output);

                // Some dialects tell an error twice (`error`, then `response.failed`): until the provider closes, what it says is passed on.
                return new((form.Array is null ? Next.Continue : Next.Failed, null));
            case ScannedKind.Content when form.Scan.TextBytes > 0 && !OutputMeter.Covers(context):
                return MeteredScannedAsync(context, form, opened.Payload, frame, output);
            default:
                Write(form, opened.Payload, frame, output);
                return new((Next.Continue, null));
        }
    }

    /// <summary>Passes an event on as far as rules let it. What is written is not sent before the request is settled.</summary>
    private async ValueTask<(Next Next, Failure? Failure)> PassGuardedAsync(RequestContext context, AnswerForm form, PassedFrames passed, ScannedKind kind, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        if (kind == ScannedKind.Content && form.Scan!.TextBytes > 0 && !OutputMeter.Covers(context) && await meter.EnsureAsync(context).ConfigureAwait(false) is { } stopped)
        {
            return (Next.Done, stopped);
        }

        passed.Write(frame, output);
        if (kind == ScannedKind.Terminal && passed.Failure is null)
        {
            await passed.CompleteAsync(output, context.Http.RequestAborted).ConfigureAwait(false);
        }
        else if (passed.IsHeld)
        {
            (context.KeepAlive ??= new KeepAlive(context.Operation.Dialect, context.WantsJsonArray, keepAlive, time)).Silent(output);
        }

        if (passed.Failure is { } failure)
        {
            context.Outcome = RequestOutcome.ContentBlocked;
            return (Next.Done, failure);
        }

        if (kind != ScannedKind.Terminal)
        {
            return (Next.Continue, null);
        }

        context.Outcome = context.Outcome == RequestOutcome.UpstreamError ? RequestOutcome.UpstreamError : RequestOutcome.Completed;
        settle.Run(context);
        return (Next.Done, null);
    }

    private async ValueTask<(Next Next, Failure? Failure)> MeteredScannedAsync(RequestContext context, AnswerForm form, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        if (await meter.EnsureAsync(context).ConfigureAwait(false) is { } stopped)
        {
            return (Next.Done, stopped);
        }

        Write(form, payload, frame, output);
        return (Next.Continue, null);
    }

    private static void Write(AnswerForm form, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        if (form.Array is { } array)
        {
            array.Write(payload.Span, output);
        }
        else
        {
            output.Write(frame.Span);
        }
    }

    private static void Count(RequestContext context, StreamTranslation translation)
    {
        context.OutputTextBytes = translation.TextBytes;
        if (translation.Usage is { } usage)
        {
            context.Report(usage);
        }
    }

    private static void Count(RequestContext context, IStreamScan scan)
    {
        context.OutputTextBytes += scan.TextBytes;
        if (scan.HasUsage)
        {
            context.Report(scan.Tokens);
        }
    }

    private ValueTask<(Next Next, Failure? Failure)> PassOpenAIAsync(RequestContext context, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> frame, PipeWriter output)
    {
        var chunk = StreamChunk.Read(payload.Span);
        context.OutputTextBytes += chunk.TextBytes;
        if (chunk.HasUsage)
        {
            context.Report(chunk.Tokens);
            context.UsageIsWhole |= chunk.Kind == StreamChunkKind.Usage;
        }

        switch (chunk.Kind)
        {
            case StreamChunkKind.Malformed:
                return new((Next.Done, StreamFaults.Malformed(context)));
            case StreamChunkKind.Done:
                var isError = context.Outcome == RequestOutcome.UpstreamError;
                context.Outcome = isError ? RequestOutcome.UpstreamError : RequestOutcome.Completed;
                settle.Run(context);
                output.Write(frame.Span);
                if (!payload.Span.TrimEnd((byte)' ').SequenceEqual("[DONE]"u8))
                {
                    // A last event of another form: some who send it leave out the terminator that callers wait for.
                    output.Write("data: [DONE]\n\n"u8);
                }

                return new((Next.Done, null));
            case StreamChunkKind.Error:
                context.Outcome = RequestOutcome.UpstreamError;
                output.Write(CredentialScrubber.Scrub(frame, context.Deployment!.Secret).Span);
                return new((Next.Continue, null));
            case StreamChunkKind.Usage when HidesUsage(context):
                return new((Next.Continue, null));
            default:
                return chunk.TextBytes > 0 && !OutputMeter.Covers(context) ? MeteredAsync(context, frame, payload, chunk, output)
                    : new((WriteChunk(context, frame, payload, chunk, output), null));
        }
    }

    private async ValueTask<(Next Next, Failure? Failure)> MeteredAsync(RequestContext context, ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> payload, StreamChunk chunk, PipeWriter output) =>
        await meter.EnsureAsync(context).ConfigureAwait(false) is { } stopped ? (Next.Done, stopped)
            : (WriteChunk(context, frame, payload, chunk, output), null);

    private static Next WriteChunk(RequestContext context, ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> payload, in StreamChunk chunk, PipeWriter output)
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
}
