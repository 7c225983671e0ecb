using System.Runtime.CompilerServices;
using Gateway.Edge.Accounts;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;

namespace Gateway.Edge.Routing.Calls;

/// <summary>How the calls on one route ended.</summary>
internal enum RouteEnd
{
    Answered,
    Refused,
    ContextLength,
    ContentFilter,

    /// <summary>No target answered.</summary>
    Exhausted,
    CallerGone,

    /// <summary>The key was taken away, and what is under way with it.</summary>
    Revoked,
}

/// <summary>
/// Calls the planned targets of one route in order until one answers, each with its retries. A call counts as answered only once the whole plain answer, or the first
/// event of a stream, is there: whatever fails before that is invisible to the caller when another target answers.
/// </summary>
internal sealed class RouteCalls(CallRunner runner, HedgedCalls hedges, AdmitStep admit, TimeProvider time)
{
    /// <param name="context">The request; its candidates are those of its route. Failures are kept in it, in case nothing better comes.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RouteEnd> RunAsync(RequestContext context)
    {
        var route = context.Route!;
        var made = context.Attempts.Made;
        for (var i = 0; i < context.Candidates.Count && context.Attempts.Made - made < route.MaxAttempts; i++)
        {
            var target = context.Candidates[i];
            for (var retry = 0; ; retry++)
            {
                if (!await MayPayAgainAsync(context).ConfigureAwait(false))
                {
                    return RouteEnd.Exhausted;
                }

                var hedged = retry == 0 && i + 1 < context.Candidates.Count && context.Attempts.Made - made + 1 < route.MaxAttempts
                    ? hedges.Delay(context, target)
                    : null;
                var (result, both) = hedged is { } delay
                    ? await hedges.RunAsync(context, target, context.Candidates[i + 1], delay).ConfigureAwait(false)
                    : (await runner.RunAsync(context, target, context.CallsCancelled).ConfigureAwait(false), false);
                if (context.Http.RequestAborted.IsCancellationRequested && result.Verdict != Verdict.Answered)
                {
                    // Nobody knows how far the provider had come.
                    context.ProviderEngaged |= result.Attempt is { Engaged: true } || (result.Verdict == Verdict.Cancelled && result.Attempt is not null);
                    result.Dispose();
                    return RouteEnd.CallerGone;
                }

                if (Revocation.IsCut(context) && result.Verdict != Verdict.Answered)
                {
                    context.ProviderEngaged |= result.Attempt is { Engaged: true };
                    result.Dispose();
                    return RouteEnd.Revoked;
                }

                if (End(context, result) is { } end)
                {
                    return end;
                }

                if (result.Attempt is { Engaged: true })
                {
                    (context.ProviderEngaged, context.Broken) = (true, result);
                }

                Keep(context, result);
                if (both)
                {
                    i++;
                    break;
                }

                if (result.Verdict != Verdict.Failed || context.Attempts.Made - made >= route.MaxAttempts
                    || RetryPlan.Wait(route.Entry.Retry, retry, result.Wait, Random.Shared.NextDouble()) is not { } wait
                    || !await WaitAsync(context, wait).ConfigureAwait(false))
                {
                    break;
                }
            }

            if (OutOfTime(context, TimeSpan.Zero))
            {
                break;
            }
        }

        return RouteEnd.Exhausted;
    }

    private static RouteEnd? End(RequestContext context, in CallResult result)
    {
        switch (result.Verdict)
        {
            case Verdict.Answered:
                result.Adopt();
                return RouteEnd.Answered;
            case Verdict.Refused:
                Keep(context, result);
                return RouteEnd.Refused;
            case Verdict.ContextLength:
                Keep(context, result);
                return RouteEnd.ContextLength;
            case Verdict.ContentFilter:
                Keep(context, result);
                return RouteEnd.ContentFilter;
            default:
                return null;
        }
    }

    private static void Keep(RequestContext context, in CallResult result) => (context.FailedCalls ??= new CallState()).Keep(result);

    /// <summary>A provider that broke off may bill what it did all the same: it is billed for, and another call is made only where budgets have room for its bound besides.</summary>
    private async ValueTask<bool> MayPayAgainAsync(RequestContext context)
    {
        if (context.Broken is null)
        {
            return true;
        }

        if (!await admit.ExtendAsync(context, context.Reservation.CallBoundNanoUsd).ConfigureAwait(false))
        {
            return false;
        }

        context.BillBroken();
        return true;
    }

    private async ValueTask<bool> WaitAsync(RequestContext context, TimeSpan wait)
    {
        if (OutOfTime(context, wait))
        {
            return false;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted, context.Key!.Standing.Cut);
        await Task.Delay(wait, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !context.Http.RequestAborted.IsCancellationRequested;
    }

    private bool OutOfTime(RequestContext context, TimeSpan more) =>
        context.Route!.Entry.Timeouts.AllAttemptsMs is { } most && (time.GetElapsedTime(context.StartedTimestamp) + more).TotalMilliseconds >= most;
}
