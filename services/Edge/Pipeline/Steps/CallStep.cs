using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
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
            using var attempt = new UpstreamAttempt(context, deployment, deployment.Provider.Timeouts, drain, time);
            var fault = await attempt.RunAsync(context.Http.RequestAborted).ConfigureAwait(false);
            if (fault is null && attempt.Outcome == RequestOutcome.UpstreamError && i < limit - 1 && MayAnswerElsewhere(attempt.Status))
            {
                fault = new UpstreamFault(GatewayError.UpstreamUnreachable, "error status", false);
            }

            if (fault is not { } failed)
            {
                // The provider's own refusal is the best answer there is: it goes to the caller as it came.
                attempt.Adopt();
                return null;
            }

            if (context.Http.RequestAborted.IsCancellationRequested)
            {
                context.ProviderEngaged |= attempt.Engaged;
                context.Outcome = RequestOutcome.ClientCancelled;
                return new Failure(GatewayError.UpstreamCut, Step.Call, "The caller went away.");
            }

            context.ProviderEngaged |= attempt.Engaged;
            context.Attempts.Add(deployment.Id, failed.Reason, attempt.Status, time.GetElapsedTime(started).TotalMilliseconds);
            last = failed;
        }

        context.Outcome = last.Refusal is null ? RequestOutcome.UpstreamUnavailable : RequestOutcome.Rejected;
        return last.Refusal ?? Describe(context, last);
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
