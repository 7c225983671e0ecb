using System.Runtime.CompilerServices;
using Gateway.Contracts.Usage;
using Gateway.Dialects.OpenAI;
using Gateway.Edge.Errors;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 8: call. Tries the candidates in order until one answers. An attempt counts as answered only once the whole plain answer, or the first event
/// of a stream, is there: whatever fails before that is invisible to the caller when another candidate answers.
/// </summary>
internal sealed class CallStep(IDrain drain, TimeProvider time)
{
    public async ValueTask<Failure?> RunAsync(RequestContext context)
    {
        var last = new UpstreamFault(GatewayError.UpstreamUnreachable, "", false);
        var limit = Math.Min(context.Candidates.Count, context.Route!.MaxAttempts);
        for (var i = 0; i < limit; i++)
        {
            var deployment = context.Candidates[i];
            var started = time.GetTimestamp();
            context.Deployment = deployment;
            context.Attempts.Made++;
            var fault = await AttemptAsync(context, deployment, isLast: i == limit - 1).ConfigureAwait(false);
            if (fault is not { } failed)
            {
                return null;
            }

            if (context.Http.RequestAborted.IsCancellationRequested)
            {
                context.Outcome = RequestOutcome.ClientCancelled;
                return new Failure(GatewayError.UpstreamCut, Step.Call, "The caller went away.");
            }

            context.ProviderEngaged |= failed.Engaged;
            context.Attempts.Add(deployment.Id, failed.Reason, context.Upstream is { } r ? (int)r.StatusCode : 0, time.GetElapsedTime(started).TotalMilliseconds);
            context.Answer.Dispose();
            context.Upstream?.Dispose();
            context.Upstream = null;
            last = failed;
        }

        context.Outcome = RequestOutcome.UpstreamUnavailable;
        return Describe(context, last);
    }

    /// <summary>Makes one attempt; null when it answered.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamFault?> AttemptAsync(RequestContext context, DeploymentRuntime deployment, bool isLast)
    {
        var deadline = CallDeadline.Start(deployment.Provider.Timeouts.TotalMs, time, context.Http.RequestAborted);
        context.Answer.Deadline = deadline;
        try
        {
            var response = await UpstreamCall.SendAsync(context, deployment, deadline).ConfigureAwait(false);
            context.Upstream = response;
            var status = (int)response.StatusCode;
            if (status is < 200 or >= 300)
            {
                return await OnErrorStatusAsync(context, response, status, isLast).ConfigureAwait(false);
            }

            context.ProviderEngaged = true;
            return context.Envelope.Stream
                ? await BeginStreamAsync(context, response, deadline).ConfigureAwait(false)
                : await ReadPlainAsync(context, response, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return UpstreamFault.From(e, deadline);
        }
    }

    private static async ValueTask<UpstreamFault?> OnErrorStatusAsync(RequestContext context, HttpResponseMessage response, int status, bool isLast)
    {
        if (!isLast && MayAnswerElsewhere(status))
        {
            return new UpstreamFault(GatewayError.UpstreamUnreachable, "error status", false);
        }

        if (status is < 400)
        {
            // A redirect would carry the prompt and the credential to wherever it points.
            return new UpstreamFault(GatewayError.UpstreamInvalid, "redirect refused", false);
        }

        // The provider's own refusal is the best answer there is: it goes to the caller as it came.
        var body = await ResponseBodyReader.ReadAsync(response, context.Answer.Deadline!, context.Deployment!.Provider.Timeouts.IdleMs).ConfigureAwait(false);
        context.Answer.Body = body;
        context.Outcome = RequestOutcome.UpstreamError;
        return null;
    }

    private static async ValueTask<UpstreamFault?> ReadPlainAsync(RequestContext context, HttpResponseMessage response, CallDeadline deadline)
    {
        var body = await ResponseBodyReader.ReadAsync(response, deadline, context.Deployment!.Provider.Timeouts.IdleMs).ConfigureAwait(false);
        context.Answer.Body = body;
        var usage = UsageReader.ReadAnswer(context.Answer.Body.Span, out context.Tokens);
        if (usage == AnswerUsage.NotAnAnswer)
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "the answer is not a JSON object", true);
        }

        context.HasUsage = usage == AnswerUsage.Found;
        context.OutputTextBytes = context.HasUsage ? 0 : context.Answer.Body.Length;
        context.Outcome = RequestOutcome.Completed;
        return null;
    }

    private async ValueTask<UpstreamFault?> BeginStreamAsync(RequestContext context, HttpResponseMessage response, CallDeadline deadline)
    {
        if (!UpstreamFault.MediaType(response.Content.Headers).StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "a stream was asked for and something else came", true);
        }

        deadline.EndWith(drain.Deadline);
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var source = new StreamSource(stream, deadline, context.Deployment!.Provider.Timeouts.IdleMs);
        context.Answer.Stream = source;
        return await source.FillAsync().ConfigureAwait(false)
            ? null
            : new UpstreamFault(GatewayError.UpstreamCut, source.HasPartialFrame ? "the stream was cut in its first event" : "the stream ended before its first event", true);
    }

    private static bool MayAnswerElsewhere(int status) => status is 401 or 402 or 403 or 408 or 429 or >= 500;

    private static Failure Describe(RequestContext context, UpstreamFault last)
    {
        var tried = context.Attempts.Made == 1 ? "The provider" : $"None of the {context.Attempts.Made} deployments tried";
        var what = last.Error switch
        {
            GatewayError.UpstreamTimeout => "did not respond in time",
            GatewayError.UpstreamStalled => "stopped in the middle of its answer",
            GatewayError.UpstreamInvalid => "gave an answer that is not valid",
            GatewayError.UpstreamCut => "broke off its answer",
            GatewayError.UpstreamTooLarge => "gave an answer that is too large",
            GatewayError.UpstreamForbidden => "has an address that may be called",
            _ => "could be reached",
        };
        var verb = context.Attempts.Made == 1 && last.Error == GatewayError.UpstreamUnreachable ? "could not be reached"
            : context.Attempts.Made == 1 && last.Error == GatewayError.UpstreamForbidden ? "has an address that may not be called"
            : what;
        return new Failure(last.Error, Step.Call, $"{tried} {verb} ({last.Reason}). 'attempts' lists each try; this is not the caller's fault, and trying again later may help.");
    }
}
