using System.IO.Pipelines;
using Gateway.Contracts.Usage;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Continuation;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.RequestLog;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Pipeline;

/// <summary>
/// Passes a provider's stream on event by event, translated where the caller speaks another dialect. Usage that the gateway asked for and the caller did not is
/// taken out again. A stream counts as complete only with its terminator: one that is cut, stalls, or ends without it closes with an error event, without
/// a terminator, and, in dialects whose clients skip an error event and take the regular end of a body for the end of the answer, with its connection
/// broken off.
/// </summary>
internal sealed partial class StreamRelay(GuardRunner runner, SettleStep settle, StreamContinuation continuation, OutputMeter meter, KeepAliveSettings keepAlive, EdgeMetrics metrics, TimeProvider time)
{
    private enum Next
    {
        Continue,

        /// <summary>The answer is whole and written.</summary>
        Done,

        /// <summary>The provider's error was passed on as the last event.</summary>
        Failed,
    }

    public ValueTask<Failure?> RunAsync(RequestContext context) =>
        context.Trace is not null && OutputGuard.AppliesTo(context) ? RunTracedAsync(context) : RelayAsync(context);

    // Rules look at a stream while it passes: their span is as long as it.
    private async ValueTask<Failure?> RunTracedAsync(RequestContext context)
    {
        using var span = EdgeTracing.Begin("gateway.guardrails.output");
        try
        {
            return await RelayAsync(context).ConfigureAwait(false);
        }
        finally
        {
            if (span is not null)
            {
                GuardSpans.TellOfStream(span, context);
                span.SetEndTime(SpanWriter.End(context, time));
            }
        }
    }

    private async ValueTask<Failure?> RelayAsync(RequestContext context)
    {
        context.Status = StatusCodes.Status200OK;
        Guard(context);
        AnswerStep.WriteHead(context, StatusCodes.Status200OK);
        metrics.CountStream(context);
        // Proxies in front of the gateway must not collect the stream either.
        context.Http.Response.Headers["x-accel-buffering"] = "no";
        context.Http.Response.Headers.CacheControl = "no-cache";
        var output = RequestLogger.Watch(context, context.Http.Response.BodyWriter);
        while (true)
        {
            Failure? failure;
            try
            {
                failure = await PumpAsync(context, context.Answer.Stream!, output).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                failure = StreamFaults.Of(context, e);
                if (failure is not null && context.Outcome == RequestOutcome.UpstreamError)
                {
                    return await BreakOffAsync(context, output).ConfigureAwait(false);
                }
            }

            if (failure is null)
            {
                return null;
            }

            if (context.Outcome != RequestOutcome.UpstreamCut || !await continuation.TryAsync(context, failure).ConfigureAwait(false))
            {
                return context.Outcome == RequestOutcome.ClientCancelled ? null : await EndWithErrorAsync(context, output, failure).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether a stream comes from a call or from what was kept of one: what rules look at goes through them.</summary>
    private void Guard(RequestContext context)
    {
        if (!OutputGuard.AppliesTo(context))
        {
            return;
        }

        if (context is { Operation.Upstream: UpstreamOperation.Chat, Route: not null })
        {
            if (context.Answer.Form is not { IsRaw: true } and not { Translation.Guard: not null })
            {
                context.Answer.Form = AnswerForm.ForStream(context, context.Deployment!, context.ProviderDialect, null, time.GetUtcNow());
            }
        }
        else if (context.Answer.Form is { IsRaw: false, Scan: not null } form)
        {
            form.Passed = PassedFrames.OfServerSentEvents(context, runner, context.StoredAfter);
        }
        else
        {
            // Sound of a text that was looked at on its way there.
            context.Guard!.HasUnseen = true;
        }
    }

    private async ValueTask<Failure?> PumpAsync(RequestContext context, StreamSource source, PipeWriter output)
    {
        var isAbandoned = false;
        while (true)
        {
            while (source.TryTake(out var frame))
            {
                if (Revocation.IsCut(context))
                {
                    return Revocation.End(context);
                }

                var (next, failure) = await PassAsync(context, source, frame, output).ConfigureAwait(false);
                if (failure is not null)
                {
                    return failure;
                }

                if (next != Next.Continue)
                {
                    return await EndAsync(context, output, next).ConfigureAwait(false);
                }
            }

            var isGone = await FlushAsync(context, output, isAbandoned).ConfigureAwait(false);
            if (context.FirstByteTimestamp == 0)
            {
                context.FirstByteTimestamp = time.GetTimestamp();
            }

            if (isGone && !context.Drains)
            {
                context.Outcome = RequestOutcome.ClientCancelled;
                return null;
            }

            if (isGone)
            {
                isAbandoned = true;
                output = PipeWriter.Create(Stream.Null);
            }

            if (!await source.FillAsync().ConfigureAwait(false))
            {
                return await OnClosedAsync(context, source, output).ConfigureAwait(false);
            }
        }
    }

    /// <returns>True when the caller has gone away.</returns>
    private static async ValueTask<bool> FlushAsync(RequestContext context, PipeWriter output, bool isAbandoned)
    {
        try
        {
            return (await output.FlushAsync(isAbandoned ? CancellationToken.None : context.Http.RequestAborted).ConfigureAwait(false)).IsCompleted;
        }
        catch (OperationCanceledException) when (context.Drains)
        {
            return true;
        }
    }

    /// <summary>The provider closed the stream and no terminator had come.</summary>
    private async ValueTask<Failure?> OnClosedAsync(RequestContext context, StreamSource source, PipeWriter output)
    {
        if (context.Outcome == RequestOutcome.UpstreamError)
        {
            // The provider has told its error in an event of its own; nothing is to be added.
            return source.IsMalformed || source.HasPartialFrame
                ? await BreakOffAsync(context, output).ConfigureAwait(false)
                : await EndAsync(context, output, Next.Failed).ConfigureAwait(false);
        }

        if (source.IsMalformed)
        {
            context.Outcome = RequestOutcome.UpstreamCut;
            return StreamFaults.Broken(GatewayError.UpstreamInvalid, "the stream is not in the provider's framing");
        }

        if (!source.HasPartialFrame)
        {
            var (next, failure) = await TryCompleteAsync(context, output).ConfigureAwait(false);
            if (failure is not null || next is not null)
            {
                return failure ?? await EndAsync(context, output, next!.Value).ConfigureAwait(false);
            }
        }

        context.UsageIsWhole |= !source.HasPartialFrame;
        context.Outcome = RequestOutcome.UpstreamCut;
        return StreamFaults.Broken(GatewayError.UpstreamCut, source.HasPartialFrame ? "the stream was cut inside an event" : "the stream ended without its terminator");
    }

    /// <summary>Ends an answer of a dialect whose streams have no terminator; null when it is not whole.</summary>
    private async ValueTask<(Next? Next, Failure? Failure)> TryCompleteAsync(RequestContext context, PipeWriter output)
    {
        if (context.Answer.Form is not { Normalisation: null } form)
        {
            return (null, null);
        }

        if (form.Translation is { } translation)
        {
            translation.Complete();
            if (translation.Collector is { IsWaiting: true } && await DecideAsync(context, translation).ConfigureAwait(false) is { } undecided)
            {
                return (null, undecided);
            }

            var next = Translate(context, translation, output);
            return (next == Next.Continue ? null : next, null);
        }

        if (!form.Scan!.Complete())
        {
            return (null, null);
        }

        Count(context, form.Scan);
        if (form.Passed is { } passed)
        {
            await passed.CompleteAsync(output, context.Http.RequestAborted).ConfigureAwait(false);
            if (passed.Failure is { } blocked)
            {
                context.Outcome = RequestOutcome.ContentBlocked;
                return (null, blocked);
            }
        }

        context.Outcome = RequestOutcome.Completed;
        settle.Run(context);
        form.Array?.End(output);
        return (Next.Done, null);
    }

    private async ValueTask<Failure?> EndAsync(RequestContext context, PipeWriter output, Next how)
    {
        settle.Run(context);
        AnswerHeaders.WriteTrailers(context);
        await output.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
        if (how == Next.Failed && !StreamErrors.EndsInOrder(context.Operation.Dialect))
        {
            context.Http.Abort();
        }

        return null;
    }

    /// <summary>The stream broke after the provider had told its error: nothing is to be added, and it does not end in order.</summary>
    private async ValueTask<Failure?> BreakOffAsync(RequestContext context, PipeWriter output)
    {
        settle.Run(context);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        context.Http.Abort();
        return null;
    }

    private async ValueTask<Failure?> EndWithErrorAsync(RequestContext context, PipeWriter output, Failure failure)
    {
        context.Failure = failure;
        settle.Run(context);
        var isInOrder = context.Answer.Form?.Passed?.TryEnd(output) == true;
        if (!isInOrder)
        {
            StreamErrors.Write(context, failure, time.GetUtcNow(), output);
        }

        try
        {
            await output.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
            if (!isInOrder && !StreamErrors.EndsInOrder(context))
            {
                context.Http.Abort();
            }
        }
        catch (OperationCanceledException)
        {
            // The caller left meanwhile; the request is settled, and nobody is there to be told.
        }

        return null;
    }
}
