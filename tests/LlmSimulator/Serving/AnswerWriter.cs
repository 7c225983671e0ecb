using System.Diagnostics;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.LlmSimulator.Serving;

/// <summary>Gives one answer in its own time and with its own faults.</summary>
internal sealed class AnswerWriter(Ledger ledger, Pacer pacer, CancellationToken stopping)
{
    /// <returns>The status that went out; 0 when none did.</returns>
    public async Task<int> WriteAsync(HttpContext context, Work work)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var started = false;
        try
        {
            started = await RunAsync(context, work, () => started = true, ends.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // A wait or stall ended because the client left or the simulator stops.
            if (!stopping.IsCancellationRequested)
            {
                ledger.ClientLeft();
            }

            context.Abort();
        }

        return started ? work.Status : 0;
    }

    private async Task<bool> RunAsync(HttpContext context, Work work, Action onStarted, CancellationToken ends)
    {
        var behaviour = work.Behaviour;
        var wait = behaviour.LatencyMs + (behaviour.JitterMs > 0 ? Dice.Below(behaviour.JitterMs + 1, behaviour.Seed, work.Number) : 0);
        if (wait > 0)
        {
            await Task.Delay(wait, ends).ConfigureAwait(false);
        }

        await StallAsync(behaviour, StallPhase.Headers, ends).ConfigureAwait(false);
        IWire wire = behaviour.NeedsRawSocket
            ? new RawWire(context, context.Features.Get<IConnectionSocketFeature>()!.Socket, behaviour.SlowHeadersMs, ends)
            : new KestrelWire(context);
        if (behaviour.Drop)
        {
            await wire.BreakAsync(behaviour.Reset).ConfigureAwait(false);
            return false;
        }

        if (!await wire.StartAsync(Planner.Head(work, ledger.RequestId(work.Number))).ConfigureAwait(false))
        {
            ledger.ClientLeft();
            return false;
        }

        onStarted();
        var tokens = 0;
        try
        {
            await StallAsync(behaviour, StallPhase.FirstByte, ends).ConfigureAwait(false);
            var sender = new BodySender(wire, behaviour, pacer);
            if (work.IsStream)
            {
                var events = work.Events!;
                try
                {
                    await StreamAsync(sender, events, behaviour, ends).ConfigureAwait(false);
                }
                finally
                {
                    tokens = events.Tokens;
                }
            }
            else
            {
                tokens = work.CompletionTokens;
                await PlainAsync(sender, work, ends).ConfigureAwait(false);
            }

            await EndAsync(wire, sender.State, behaviour).ConfigureAwait(false);
        }
        finally
        {
            if (work.Account is not null)
            {
                ledger.Bill(work.Number, work.Account, work.PromptTokens, tokens, work.Classes, work.User);
            }
        }

        return true;
    }

    private static async Task PlainAsync(BodySender sender, Work work, CancellationToken ends)
    {
        var half = work.Behaviour.Stall == StallPhase.Body ? work.Body.Length / 2 : work.Behaviour.Stall == StallPhase.End ? Math.Max(0, work.Body.Length - 1) : work.Body.Length;
        if (await sender.SendAsync(work.Body[..half]).ConfigureAwait(false) == Sent.Open && half < work.Body.Length)
        {
            await StallAsync(work.Behaviour, work.Behaviour.Stall, ends).ConfigureAwait(false);
        }
    }

    private async Task StreamAsync(BodySender sender, IStreamEvents events, SimulatorBehaviour behaviour, CancellationToken ends)
    {
        var sleeper = new Pacer.Sleeper();
        var start = Stopwatch.GetTimestamp() + (behaviour.TtftMs * Stopwatch.Frequency / 1000);
        var perEvent = behaviour.Rate > 0 ? Stopwatch.Frequency / behaviour.Rate : 0;
        var half = events.Count / 2;
        var (untimed, timedCount) = events.Timed;
        using var all = events.All().GetEnumerator();
        while (true)
        {
            var timed = events.Number - untimed;
            if (timed >= 0 && timed < timedCount)
            {
                await WaitAsync(start + (long)(timed * perEvent), sleeper, ends).ConfigureAwait(false);
            }

            // The event is made after its wait, so that its stamp is the time it is sent.
            if (!all.MoveNext())
            {
                break;
            }

            var bytes = all.Current;
            if (events.Number == behaviour.Malformed)
            {
                bytes = events.Broken();
            }
            else if (events.Number == behaviour.StreamError)
            {
                bytes = events.Error(behaviour.Error);
            }

            if (await sender.SendAsync(bytes).ConfigureAwait(false) != Sent.Open || events.Number == behaviour.EndAfter || events.Number == behaviour.StreamError)
            {
                return;
            }

            if (events.Number == half)
            {
                await StallAsync(behaviour, StallPhase.Body, ends).ConfigureAwait(false);
            }
        }

        await StallAsync(behaviour, StallPhase.End, ends).ConfigureAwait(false);
        if (!behaviour.NoDone)
        {
            _ = await sender.SendAsync(events.Done()).ConfigureAwait(false);
        }
    }

    /// <summary>Short waits share the pacing thread; long ones can be called off when the client leaves.</summary>
    private async ValueTask WaitAsync(long until, Pacer.Sleeper sleeper, CancellationToken ends)
    {
        var left = until - Stopwatch.GetTimestamp();
        if (left > Stopwatch.Frequency / 4)
        {
            await Task.Delay(Stopwatch.GetElapsedTime(0, left), ends).ConfigureAwait(false);
        }
        else
        {
            await pacer.Until(until, sleeper).ConfigureAwait(false);
        }
    }

    private async Task EndAsync(IWire wire, Sent state, SimulatorBehaviour behaviour)
    {
        switch (state)
        {
            case Sent.Cut:
                await wire.BreakAsync(behaviour.Reset).ConfigureAwait(false);
                break;
            case Sent.ClientLeft:
                ledger.ClientLeft();
                break;
            default:
                await wire.EndAsync().ConfigureAwait(false);
                break;
        }
    }

    private static Task StallAsync(SimulatorBehaviour behaviour, StallPhase phase, CancellationToken ends)
        => behaviour.Stall == phase && phase != StallPhase.None ? Task.Delay(Timeout.Infinite, ends) : Task.CompletedTask;
}
