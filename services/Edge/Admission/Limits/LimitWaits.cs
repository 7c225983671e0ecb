using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// Tries again where a limit that had no room may have some soon: other edges may have left it, or the limit lets requests wait. A request that waits holds nothing and
/// occupies no thread; whoever comes later, of the same or a lower priority, comes behind it.
/// </summary>
internal sealed class LimitWaits(LimitSharing sharing, LimitMetrics metrics)
{
    private const int MostQuestions = 4;

    private static readonly TimeSpan _longestQuestion = TimeSpan.FromSeconds(1.5);

    /// <summary>Waits where that is allowed, and tries again.</summary>
    /// <param name="context">The request.</param>
    /// <param name="failure">Why it had no room.</param>
    /// <param name="attempt">Takes from all limits or says why not.</param>
    public async ValueTask<Failure?> WaitAsync(RequestContext context, Failure? failure, Func<Failure?> attempt)
    {
        var (started, questions) = (sharing.Now, 0);
        LimitWaiter? waiter = null;
        try
        {
            while (failure?.Limit is { } refusal)
            {
                var answer = sharing.NextAnswer;
                if (refusal.MayAsk && questions++ < MostQuestions)
                {
                    sharing.Wake(refusal.Counter);
                    await answer.WaitAsync(_longestQuestion, sharing.Time, context.Http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                else if (TimeLeft(refusal, started, waiter) is { } left && Join(context, refusal, ref waiter))
                {
                    await waiter!.WaitAsync(waiter.Queue.IsFirst(waiter) && refusal.Wait < left ? refusal.Wait : left, context.Http.RequestAborted).ConfigureAwait(false);
                    questions = 0;
                }
                else
                {
                    break;
                }

                context.Http.RequestAborted.ThrowIfCancellationRequested();
                failure = attempt();
            }
        }
        finally
        {
            if (waiter is not null)
            {
                context.Reservation.Rates.More!.Waiter = null;
                waiter.Queue.Leave(waiter);
            }
        }

        if (failure?.Limit is { } final)
        {
            metrics.Refused(final.Counter.Rule);
        }

        if (waiter is not null)
        {
            metrics.Waited(waiter.Rule, failure is null);
        }

        return failure;
    }

    /// <summary>How long a request may go on waiting; null when it may not, or when it would be for nothing.</summary>
    private TimeSpan? TimeLeft(LimitRefusal refusal, long started, LimitWaiter? waiter)
    {
        var rule = refusal.Counter.Rule;
        if (rule.Entry.MaxWaitMs == 0 || refusal.Wait == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        var left = TimeSpan.FromMilliseconds(rule.Entry.MaxWaitMs) - TimeSpan.FromMicroseconds(sharing.Now - started);
        // When a request in flight ends, nobody knows.
        return left <= TimeSpan.Zero || (waiter is null && !rule.IsConcurrency && refusal.Wait > left) ? null : left;
    }

    private static bool Join(RequestContext context, LimitRefusal refusal, ref LimitWaiter? waiter)
    {
        if (refusal.Counter.Queue is not { } queue)
        {
            return false;
        }

        if (waiter?.Queue == queue)
        {
            return true;
        }

        waiter?.Queue.Leave(waiter);
        waiter = queue.Join(context.Reservation.Rates.Priority, refusal.Amount, refusal.Counter.Rule);
        (context.Reservation.Rates.More ??= new RateExtras()).Waiter = waiter;
        return waiter is not null;
    }
}
