using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;

namespace Gateway.Edge.Routing.Calls;

/// <summary>
/// Calls a second target when the first has not answered after a delay. The first to answer wins; the other is broken off, and what it may have used is added to
/// the request's cost as an estimate.
/// </summary>
internal sealed class HedgedCalls(CallRunner runner, AdmitStep admit, TimeProvider time)
{
    /// <summary>How long to wait before the second target is called, or null when the request is not hedged.</summary>
    public TimeSpan? Delay(RequestContext context, TargetRuntime target) => context.Route!.Entry.Hedge switch
    {
        { DelayMs: { } delay } => TimeSpan.FromMilliseconds(delay),
        { Percentile: { } percent } when target.Health.Percentile(percent, context.Envelope.Stream) is { } known => TimeSpan.FromMilliseconds(known),
        _ => null,
    };

    /// <returns>The result that counts, and whether the second target was called.</returns>
    public async ValueTask<(CallResult Result, bool BothCalled)> RunAsync(RequestContext context, TargetRuntime first, TargetRuntime second, TimeSpan delay)
    {
        using var firstEnd = CancellationTokenSource.CreateLinkedTokenSource(context.CallsCancelled);
        var running = runner.RunAsync(context, first, firstEnd.Token).AsTask();
        using (var early = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted))
        {
            var timer = Task.Delay(delay, time, early.Token);
            if (await Task.WhenAny(running, timer).ConfigureAwait(false) == running || !admit.TryHoldAgain(context))
            {
                await early.CancelAsync().ConfigureAwait(false);
                return (await running.ConfigureAwait(false), false);
            }
        }

        using var secondEnd = CancellationTokenSource.CreateLinkedTokenSource(context.CallsCancelled);
        var other = runner.RunAsync(context, second, secondEnd.Token).AsTask();
        var ended = await Task.WhenAny(running, other).ConfigureAwait(false);
        var result = await ended.ConfigureAwait(false);
        var (rest, restEnd) = ended == running ? (other, secondEnd) : (running, firstEnd);
        if (result.Verdict is not (Verdict.Answered or Verdict.Refused or Verdict.ContextLength or Verdict.ContentFilter))
        {
            // The one that ended first did not answer: the other one still may.
            var late = await rest.ConfigureAwait(false);
            context.AddLoser(result);
            result.Dispose();
            return (late, true);
        }

        await restEnd.CancelAsync().ConfigureAwait(false);
        var loser = await rest.ConfigureAwait(false);
        context.AddLoser(loser);
        loser.Dispose();
        return (result, true);
    }
}
