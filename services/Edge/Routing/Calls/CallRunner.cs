using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Routing.Calls;

/// <summary>Makes one call of one target, tells the target's health what came of it, and notes it in the request's log.</summary>
internal sealed class CallRunner(RateGate rates, LimitSharing sharing, IDrain drain, TimeProvider time)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallResult> RunAsync(RequestContext context, TargetRuntime target, CancellationToken cancelled)
    {
        var started = time.GetTimestamp();
        if (context.Key!.Limits.ByProvider.Length > 0 && await EnterAsync(context, target, cancelled).ConfigureAwait(false) is { } refusal)
        {
            var reason = $"its provider's limit '{refusal.Counter.Rule.Entry.Name}' is reached";
            context.Attempts.Add(target.DeploymentId, reason, 0, time.GetElapsedTime(started).TotalMilliseconds);
            return new CallResult(target, Verdict.Skipped, null, null, new UpstreamFault(GatewayError.UpstreamUnavailable, reason, false), null);
        }

        var (lease, full) = await TargetLease.TakeAsync(target, context.Settings.Health.ProviderWaitMs, cancelled).ConfigureAwait(false);
        if (lease is null)
        {
            context.Attempts.Add(target.DeploymentId, full!, 0, time.GetElapsedTime(started).TotalMilliseconds);
            return new CallResult(target, cancelled.IsCancellationRequested ? Verdict.Cancelled : Verdict.Skipped, null, null, new UpstreamFault(GatewayError.UpstreamUnreachable, full!, false), null);
        }

        context.Deployment = target.Deployment;
        context.Attempts.CountMade();
        context.Slot?.Calling(context, target.Deployment);
        var attempt = new UpstreamAttempt(context, target.Deployment, Timeouts(context.Route!.Entry, target.Deployment.Provider.Timeouts), drain, time);
        var fault = await attempt.RunAsync(cancelled).ConfigureAwait(false);
        var milliseconds = time.GetElapsedTime(started).TotalMilliseconds;
        if (fault is { } failed)
        {
            return cancelled.IsCancellationRequested || Revocation.IsCut(context)
                ? new CallResult(target, Verdict.Cancelled, attempt, lease, failed, null)
                : OnFault(context, target, attempt, lease, failed, milliseconds);
        }

        if (attempt.Outcome == RequestOutcome.UpstreamError)
        {
            return OnStatus(context, target, attempt, lease, milliseconds);
        }

        if (!attempt.IsLocal)
        {
            lease.Succeeded(milliseconds, context.Envelope.Stream);
        }

        return new CallResult(target, Verdict.Answered, attempt, lease, default, null);
    }

    /// <summary>Takes from the limits of the target's provider; where other edges may have left some, they are asked once. A task, which takes less room than a value in the callers that wait for answers; one without a refusal is made once.</summary>
    private async Task<LimitRefusal?> EnterAsync(RequestContext context, TargetRuntime target, CancellationToken cancelled)
    {
        var answer = sharing.NextAnswer;
        var refusal = rates.EnterProvider(context, target.Deployment.Provider.Id);
        if (refusal is not { MayAsk: true })
        {
            return refusal;
        }

        await answer.WaitAsync(TimeSpan.FromSeconds(1), time, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return rates.EnterProvider(context, target.Deployment.Provider.Id);
    }

    private static TimeoutEntry Timeouts(RouteEntry route, TimeoutEntry provider)
    {
        var own = route.Timeouts;
        return own is { FirstByteMs: null, IdleMs: null, TotalMs: null }
            ? provider
            : new TimeoutEntry
            {
                ConnectMs = provider.ConnectMs,
                FirstByteMs = own.FirstByteMs ?? provider.FirstByteMs,
                IdleMs = own.IdleMs ?? provider.IdleMs,
                TotalMs = own.TotalMs ?? provider.TotalMs,
            };
    }

    private static CallResult OnFault(RequestContext context, TargetRuntime target, UpstreamAttempt attempt, TargetLease lease, UpstreamFault fault, double milliseconds)
    {
        context.Attempts.Add(target.DeploymentId, fault.Reason, attempt.Status, milliseconds, attempt.StartedMicros);
        var verdict = Verdict.Failed;
        if (fault.CredentialFault)
        {
            target.Credential.Retire(fault.Reason);
            verdict = Verdict.FailedForLong;
        }
        else if (fault.Refusal is not null || fault.Error is GatewayError.UpstreamForbidden or GatewayError.UpstreamTooLarge)
        {
            // Says nothing about the provider's health: the address is the operator's, the size and what is asked the request's.
            verdict = Verdict.FailedForLong;
        }
        else
        {
            lease.Failed(fault.Reason, null);
            // Whatever has been paid for once is not bought a second time from the same provider.
            verdict = attempt.Engaged ? Verdict.FailedForLong : Verdict.Failed;
        }

        return new CallResult(target, verdict, attempt, lease, fault, null);
    }

    private CallResult OnStatus(RequestContext context, TargetRuntime target, UpstreamAttempt attempt, TargetLease lease, double milliseconds)
    {
        var (status, now) = (attempt.Status, time.GetUtcNow());
        var error = Refusal.Of(attempt);
        TimeSpan? wait = null;
        var verdict = Verdict.Refused;
        switch (error.Kind)
        {
            case ChatErrorKind.ContextLength:
                verdict = Verdict.ContextLength;
                break;
            case ChatErrorKind.ContentFilter:
                verdict = Verdict.ContentFilter;
                break;
            case ChatErrorKind.Authentication or ChatErrorKind.Permission or ChatErrorKind.Quota:
                if (Refusal.BlamesCredential(error, status))
                {
                    target.Credential.Retire($"the provider answered {status}");
                }
                else if (status == 429)
                {
                    wait = Wait(attempt, error, now) ?? ResetHeaders.Reset(attempt.Response!.Headers, now);
                    target.Credential.Cool(wait ?? TimeSpan.FromMilliseconds(context.Settings.Health.RateLimitCooldownMs));
                }

                verdict = Verdict.FailedForLong;
                break;
            case ChatErrorKind.NotFound when status == 403:
                verdict = Verdict.FailedForLong;
                break;
            case ChatErrorKind.RateLimit:
                wait = Wait(attempt, error, now) ?? ResetHeaders.Reset(attempt.Response!.Headers, now);
                target.Quota.Cool(wait ?? TimeSpan.FromMilliseconds(context.Settings.Health.RateLimitCooldownMs));
                verdict = Verdict.Failed;
                break;
            case ChatErrorKind.Timeout or ChatErrorKind.Overloaded or ChatErrorKind.Api:
                wait = Wait(attempt, error, now);
                lease.Failed($"status {status}", wait);
                verdict = Verdict.Failed;
                break;
        }

        attempt.RetryAfter = wait;
        if (verdict != Verdict.Refused)
        {
            context.Attempts.Add(target.DeploymentId, "error status", status, milliseconds, attempt.StartedMicros);
        }

        return new CallResult(target, verdict, attempt, lease, new UpstreamFault(status == 429 ? GatewayError.UpstreamRateLimited : GatewayError.UpstreamUnavailable, $"status {status}", false), wait);
    }

    /// <summary>How long the provider wants to be left alone: by its headers, or else by its body, where some say it alone.</summary>
    private static TimeSpan? Wait(UpstreamAttempt attempt, ChatError error, DateTimeOffset now) =>
        ResetHeaders.RetryAfter(attempt.Response!.Headers, now) ?? error.RetryAfter;
}
