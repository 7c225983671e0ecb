using System.Buffers;
using Gateway.Contracts.Usage;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Passthrough;

/// <summary>
/// Sends a request on and the answer back, as it comes and no faster than the caller takes it. Redirects are the caller's to follow: they would carry the provider's credential along.
/// </summary>
internal sealed partial class PassthroughRelay(PassedAnswers answers, SettleStep settle, RuntimeState state, IDrain drain, KeepAliveSettings keepAlive, TimeProvider time)
{
    private const int BufferBytes = 64 * 1024;

    public async ValueTask<Failure?> RunAsync(RequestContext context, PassthroughCall call)
    {
        var health = context.Settings.Health;
        var bulkhead = state.Routing.Bulkhead(call.Account.Provider.Id, health.ProviderConcurrency);
        if (bulkhead is not null && !await bulkhead.EnterAsync(health.ProviderWaitMs, context.Http.RequestAborted).ConfigureAwait(false))
        {
            context.Outcome = RequestOutcome.UpstreamUnavailable;
            return new Failure(GatewayError.UpstreamUnavailable, Step.Call, $"The provider '{call.Account.Provider.Id}' has all {bulkhead.Limit} calls under way.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        try
        {
            return await CallAsync(context, call).ConfigureAwait(false);
        }
        finally
        {
            bulkhead?.Exit();
        }
    }

    private async ValueTask<Failure?> CallAsync(RequestContext context, PassthroughCall call)
    {
        var provider = call.Account.Provider;
        var started = time.GetTimestamp();
        var deadline = CallDeadline.Start(provider.Timeouts.TotalMs, time, Drains(context, call) ? CancellationToken.None : context.Http.RequestAborted, context.Key!.Standing.Cut);
        call.Deadline = deadline;
        deadline.EndWith(drain.Deadline);
        context.Attempts.CountMade();
        UsageMeter? meter = null;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(context.Http.Request.Method), call.Address.At(provider.Entry)) { Content = call.Content() };
            OutboundContext.Add(request.Headers, context.Http);
            if (PassthroughHeaders.Copy(context.Http.Request, request, provider.Entry) is { } wrong)
            {
                return wrong;
            }

            // While the caller sends, its own pace is watched by the server; the provider's time begins when it has everything.
            deadline.Arm(CallPhase.FirstByte, call.IsStreamed ? provider.Timeouts.TotalMs : provider.Timeouts.FirstByteMs);
            await provider.Adapter.PrepareAsync(request, call.Deployment, context.Body.Memory, deadline.Token).ConfigureAwait(false);
            context.Slot?.Calling(context, call.Deployment);
            var response = await provider.Invoker.SendAsync(request, deadline.Token).ConfigureAwait(false);
            context.Upstream = response;
            if ((int)response.StatusCode >= 400)
            {
                await RefuseAsync(context, call, response, deadline).ConfigureAwait(false);
                return null;
            }

            meter = new UsageMeter(response.Content.Headers.ContentEncoding.Count == 0 ? UpstreamFault.MediaType(response.Content.Headers) : "");
            if (PassedAnswers.AppliesTo(context) && HasBody(context, response))
            {
                return await PassGuardedAsync(context, call, response, meter, deadline).ConfigureAwait(false);
            }

            await PassAsync(context, call, response, meter, deadline).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or BadHttpRequestException)
        {
            return End(context, call, meter, e, deadline, time.GetElapsedTime(started).TotalMilliseconds);
        }
        finally
        {
            meter?.Dispose();
        }
    }

    /// <summary>An error answer is passed on whole, without whatever it quotes of the credential.</summary>
    private async ValueTask RefuseAsync(RequestContext context, PassthroughCall call, HttpResponseMessage response, CallDeadline deadline)
    {
        var whole = await ResponseBodyReader.ReadAsync(response, deadline, call.Account.Provider.Timeouts.IdleMs).ConfigureAwait(false);
        var body = CredentialScrubber.Scrub(whole.Memory, call.Deployment.Secret);
        context.Outcome = RequestOutcome.UpstreamError;
        context.Status = (int)response.StatusCode;
        settle.Run(context);
        WriteHead(context, response);
        context.Http.Response.ContentLength = body.Length;
        context.Http.Response.Headers[GatewayHeaders.Fault] = ErrorResponse.Name(context.Status is 400 or 404 or 405 or 409 or 413 or 415 or 422 ? Fault.Client : Fault.Upstream);
        if (!HttpMethods.IsHead(context.Http.Request.Method))
        {
            await context.Http.Response.Body.WriteAsync(body, context.Http.RequestAborted).ConfigureAwait(false);
        }

        whole.Return();
    }

    private async ValueTask PassAsync(RequestContext context, PassthroughCall call, HttpResponseMessage response, UsageMeter meter, CallDeadline deadline)
    {
        var announced = response.Content.Headers.ContentLength;
        context.Status = (int)response.StatusCode;
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long total = 0;
            var idle = call.Account.Provider.Timeouts.IdleMs;
            var (head, isLeft) = (false, false);
            while (true)
            {
                deadline.Arm(CallPhase.Body, idle);
                var read = await stream.ReadAsync(buffer, deadline.Token).ConfigureAwait(false);
                total += read;
                meter.Feed(buffer.AsSpan(0, read));
                // What a caller has seen to its end is settled, whatever happens to this process next.
                if (read == 0 || total == announced)
                {
                    Complete(context, call, meter);
                }

                if (!head && !isLeft)
                {
                    head = true;
                    WriteHead(context, response);
                    context.Http.Response.ContentLength = context.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified ? null : announced;
                }

                if (read == 0)
                {
                    return;
                }

                isLeft = isLeft || !await PassAsync(context, buffer.AsMemory(0, read)).ConfigureAwait(false);
                if (isLeft && !context.Settled && !Drains(context, call))
                {
                    throw new OperationCanceledException(context.Http.RequestAborted);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>True when an answer that is billed by what it reports is read to its end though nobody waits for it. Of a request whose body is passed on as it comes there is none without its caller.</summary>
    private static bool Drains(RequestContext context, PassthroughCall call) => context.Drains && call is { IsBillable: true, IsStreamed: false };

    /// <summary>Passes a part on.</summary>
    /// <returns>False when the caller is gone.</returns>
    private async ValueTask<bool> PassAsync(RequestContext context, ReadOnlyMemory<byte> part)
    {
        try
        {
            var flush = await context.Http.Response.BodyWriter.WriteAsync(part, context.Http.RequestAborted).ConfigureAwait(false);
            context.FirstByteTimestamp = context.FirstByteTimestamp == 0 ? time.GetTimestamp() : context.FirstByteTimestamp;
            return !flush.IsCompleted;
        }
        catch (OperationCanceledException) when (context.Http.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Complete(RequestContext context, PassthroughCall call, UsageMeter meter, RequestOutcome outcome = RequestOutcome.Completed)
    {
        meter.End();
        context.Outcome = outcome;
        if (call.IsBillable)
        {
            call.Answered(meter.Model);
            context.ProviderEngaged = call.Model is not null;
            context.Tokens = meter.Tokens;
            // Text without a report was paid for all the same; an answer without text and report cost what a request costs.
            context.HasUsage = meter.HasUsage || (meter.TextBytes == 0 && outcome == RequestOutcome.Completed);
            context.OutputTextBytes = meter.TextBytes;
        }

        settle.Run(context);
    }

    private static Failure? End(RequestContext context, PassthroughCall call, UsageMeter? meter, Exception e, CallDeadline deadline, double milliseconds)
    {
        if (context.Settled)
        {
            return null;
        }

        var fault = UpstreamFault.From(e, deadline);
        if (call.BodyFailure is { } bad)
        {
            context.Outcome = context.Http.RequestAborted.IsCancellationRequested ? RequestOutcome.ClientCancelled : RequestOutcome.Rejected;
            return bad;
        }

        if (call.IsBillable && (meter is not null || fault.Engaged))
        {
            call.Answered(meter?.Model);
            context.ProviderEngaged = call.Model is not null;
            context.Tokens = meter?.Tokens ?? default;
            context.HasUsage = meter is { HasUsage: true };
            context.OutputTextBytes = meter?.TextBytes ?? 0;
        }

        if (context.Http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = RequestOutcome.ClientCancelled;
            return new Failure(GatewayError.UpstreamCut, Step.Call, "The caller went away.");
        }

        if (Revocation.IsCut(context))
        {
            return Revocation.End(context);
        }

        if (deadline.GatewayStopped)
        {
            context.Outcome = RequestOutcome.GatewayStopped;
            return new Failure(GatewayError.Stopping, Step.Call, "The gateway is stopping and its time for running answers is over; send the request again.");
        }

        context.Outcome = meter is null ? RequestOutcome.UpstreamUnavailable : RequestOutcome.UpstreamCut;
        context.Attempts.Add(call.Deployment.Id, fault.Reason, context.Status, milliseconds);
        return new Failure(fault.Error, Step.Call, $"The provider '{call.Account.Provider.Id}' gave no whole answer: {fault.Reason}.");
    }

    private static void WriteHead(RequestContext context, HttpResponseMessage response)
    {
        var answer = context.Http.Response;
        answer.StatusCode = context.Status;
        ResponseHeaderCopier.Copy(response, answer);
        answer.Headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
        answer.Headers[GatewayHeaders.Provider] = context.Deployment!.Provider.Id;
        if (context.Guard is { } state)
        {
            GuardHeader.Write(answer, state);
        }

        if (UpstreamFault.MediaType(response.Content.Headers).StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            // Proxies in front of the gateway must not collect the stream.
            answer.Headers["x-accel-buffering"] = "no";
        }
    }
}
