using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The rate limits over a request: all of them are taken before it goes on, or none, and corrected when it ends.</summary>
internal sealed class RateGate(LimitWaits waits, LimitMetrics metrics)
{
    /// <summary>Takes one request and what it may use from every limit over it, or nothing; waits where a limit lets requests wait.</summary>
    /// <param name="context">The request.</param>
    /// <param name="input">Upper bound of its input tokens.</param>
    /// <param name="output">Upper bound of its output tokens.</param>
    /// <param name="units">Upper bound of what is not counted by tokens.</param>
    /// <exception cref="OperationCanceledException">The caller went away while it waited.</exception>
    public ValueTask<Failure?> EnterAsync(RequestContext context, long input, long output, UsageUnits units = default) =>
        TryEnter(context, input, output, units) is { } failure ? WaitAsync(context, failure, input, output, units) : default;

    /// <summary>Goes on with a request that had no room: waits where a limit lets requests wait, and where other edges may have left some.</summary>
    /// <param name="context">The request.</param>
    /// <param name="failure">Why it had none.</param>
    /// <param name="input">Upper bound of its input tokens.</param>
    /// <param name="output">Upper bound of its output tokens.</param>
    /// <param name="units">Upper bound of what is not counted by tokens.</param>
    /// <exception cref="OperationCanceledException">The caller went away while it waited.</exception>
    // Apart, so that only a request that waits pays for the closure.
    public ValueTask<Failure?> WaitAsync(RequestContext context, Failure failure, long input, long output, UsageUnits units) =>
        waits.WaitAsync(context, failure, () => TryEnter(context, input, output, units));

    /// <summary>Takes one request and what it may use from every limit over it at once, or nothing.</summary>
    /// <returns>Null, or the limit that has no room now.</returns>
    public Failure? TryEnter(RequestContext context, long input, long output, in UsageUnits units)
    {
        var set = context.Key!.Limits;
        if (set.IsEmpty && set.ByProvider.Length == 0)
        {
            return null;
        }

        ref var hold = ref context.Reservation.Rates;
        (hold.Input, hold.Output) = (input, output);
        if (units.Images > 0 || units.AudioMilliseconds > 0)
        {
            hold.More ??= new RateExtras();
            (hold.More.Images, hold.More.AudioMilliseconds) = (units.Images, units.AudioMilliseconds);
        }

        hold.Priority = RequestPriority.Of(context);
        hold.Known = 0;
        hold.More?.Holds.Clear();
        Span<long> marks = stackalloc long[set.Known.Length];
        var refusal = TakeKnown(set.Known, ref hold, marks) ?? (set.ByRequest.Length == 0 ? null : TakeByRequest(context, set.ByRequest, ref hold));
        if (refusal is null)
        {
            return null;
        }

        Undo(set.Known, ref hold, marks);
        return LimitFailures.Describe(refusal, set);
    }

    /// <summary>Takes what the limits of a provider ask for before it is called, or nothing.</summary>
    /// <returns>Null, or the limit that has no room.</returns>
    public LimitRefusal? EnterProvider(RequestContext context, string providerId)
    {
        var limits = context.Key!.Limits.ByProvider;
        if (limits.Length == 0)
        {
            return null;
        }

        // Calls of one request may run at once.
        lock (context.Attempts)
        {
            ref var hold = ref context.Reservation.Rates;
            var first = hold.More?.Holds.Count ?? 0;
            foreach (var limit in limits)
            {
                if (LimitMatch.Provider(limit, context, providerId) is { } counter && Take(counter, ref hold, providerId) is { } refusal)
                {
                    UndoExtra(ref hold, first);
                    (hold.More ??= new RateExtras()).ProviderRefused = refusal;
                    metrics.Refused(refusal.Counter.Rule);
                    return refusal;
                }
            }

            return null;
        }
    }

    /// <summary>Gives everything back: the request was refused for another reason.</summary>
    public void Leave(RequestContext context)
    {
        var set = context.Key!.Limits;
        ref var hold = ref context.Reservation.Rates;
        Span<long> marks = stackalloc long[set.Known.Length];
        marks.Fill(-1);
        Undo(set.Known, ref hold, marks);
    }

    /// <summary>Counts what a request under way has used beyond what was taken for it; nothing is refused by it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="used">All tokens it has used so far.</param>
    public void Correct(RequestContext context, in TokenCounts used)
    {
        ref var hold = ref context.Reservation.Rates;
        var output = Output(used);
        var input = used.Total - output;
        var (moreInput, moreOutput) = (Math.Max(0, input - hold.Input), Math.Max(0, output - hold.Output));
        if (moreInput == 0 && moreOutput == 0)
        {
            return;
        }

        var more = new RateHold { Input = moreInput, Output = moreOutput };
        foreach (var (counter, _, _) in Held(context))
        {
            if (LimitUnits.IsTokens(counter.Rule.Metric))
            {
                counter.Settle(0, -more.Amount(counter.Rule.Metric));
            }
        }

        hold.Input += moreInput;
        hold.Output += moreOutput;
    }

    /// <summary>Ends a request: what it took is replaced by what it used.</summary>
    /// <param name="context">The request, whose tokens are known.</param>
    public void Settle(RequestContext context)
    {
        var known = context.Key!.Limits.Known;
        ref var hold = ref context.Reservation.Rates;
        if (known.Length == 0 && hold.More is not { Holds.Count: > 0 })
        {
            return;
        }

        var output = Output(context.Tokens);
        var used = new RateHold { Input = context.Tokens.Total - output, Output = output };
        if (hold.More is { Images: > 0 } or { AudioMilliseconds: > 0 })
        {
            used.More = new RateExtras { Images = context.Units.Images, AudioMilliseconds = context.Units.AudioMilliseconds };
        }

        for (var i = 0; i < known.Length; i++)
        {
            if ((hold.Known & (1UL << i)) != 0)
            {
                Settle(known[i], hold, used);
            }
        }

        hold.Known = 0;
        if (hold.More is null)
        {
            return;
        }

        var none = new RateHold();
        foreach (var extra in hold.More.Holds)
        {
            Settle(extra.Counter, hold, extra.ProviderId is null || extra.ProviderId == context.Deployment?.Provider.Id ? used : none);
        }
    }

    private static long Output(in TokenCounts tokens) => tokens.Output + tokens.Reasoning + tokens.AudioOutput;

    private static void Settle(LimitCounter counter, in RateHold hold, in RateHold used)
    {
        var metric = counter.Rule.Metric;
        var taken = hold.Amount(metric);
        // Zero used because nothing was called gives all of it back, except that it was a request.
        counter.Settle(taken, taken - used.Amount(metric));
    }

    private LimitRefusal? TakeKnown(LimitCounter[] known, ref RateHold hold, Span<long> marks)
    {
        for (var i = 0; i < known.Length; i++)
        {
            var counter = known[i];
            var amount = hold.Amount(counter.Rule.Metric);
            if (amount == 0)
            {
                continue;
            }

            if (TryTake(counter, amount, hold, out marks[i]) is { } refusal)
            {
                if (counter.Rule.Entry.DryRun)
                {
                    metrics.DryRun(counter.Rule);
                    continue;
                }

                return refusal;
            }

            hold.Known |= 1UL << i;
        }

        return null;
    }

    private LimitRefusal? TakeByRequest(RequestContext context, MatchedLimit[] limits, ref RateHold hold)
    {
        foreach (var limit in limits)
        {
            var match = new LimitMatch(limit, context);
            while (match.Next() is { } counter)
            {
                if (Take(counter, ref hold, null) is { } refusal)
                {
                    return refusal;
                }
            }
        }

        return null;
    }

    private LimitRefusal? Take(LimitCounter counter, ref RateHold hold, string? providerId)
    {
        var amount = hold.Amount(counter.Rule.Metric);
        if (amount == 0)
        {
            return null;
        }

        if (TryTake(counter, amount, hold, out var mark) is not { } refusal)
        {
            (hold.More ??= new RateExtras()).Holds.Add(new ExtraHold(counter, providerId, mark));
            return null;
        }

        if (!counter.Rule.Entry.DryRun)
        {
            return refusal;
        }

        metrics.DryRun(counter.Rule);
        return null;
    }

    private static LimitRefusal? TryTake(LimitCounter counter, long amount, in RateHold hold, out long mark)
    {
        mark = -1;
        if (counter.Queue is { } queue && !counter.Rule.Entry.DryRun && queue.Blocks(hold.Priority, hold.More?.Waiter))
        {
            return new LimitRefusal(counter, amount, counter.WaitFor(amount + queue.AmountBefore(hold.Priority), hold.Priority), false);
        }

        var result = counter.TryTake(amount, hold.Priority, out var wait, out mark);
        return result == TakeResult.Taken ? null : new LimitRefusal(counter, amount, wait, result == TakeResult.Ask);
    }

    private static void Undo(LimitCounter[] known, ref RateHold hold, ReadOnlySpan<long> marks)
    {
        for (var i = 0; i < known.Length; i++)
        {
            if ((hold.Known & (1UL << i)) != 0)
            {
                known[i].Undo(hold.Amount(known[i].Rule.Metric), marks[i]);
            }
        }

        hold.Known = 0;
        UndoExtra(ref hold, 0);
    }

    private static void UndoExtra(ref RateHold hold, int first)
    {
        if (hold.More?.Holds is not { } extra)
        {
            return;
        }

        for (var i = extra.Count - 1; i >= first; i--)
        {
            extra[i].Counter.Undo(hold.Amount(extra[i].Counter.Rule.Metric), extra[i].Mark);
            extra.RemoveAt(i);
        }
    }

    private static IEnumerable<ExtraHold> Held(RequestContext context)
    {
        var known = context.Key!.Limits.Known;
        for (var i = 0; i < known.Length; i++)
        {
            if ((context.Reservation.Rates.Known & (1UL << i)) != 0)
            {
                yield return new ExtraHold(known[i], null, -1);
            }
        }

        foreach (var extra in context.Reservation.Rates.More?.Holds ?? [])
        {
            yield return extra;
        }
    }
}
