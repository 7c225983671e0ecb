using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Admission;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Errors;
using Gateway.Edge.Journal;
using Gateway.Edge.Prices;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 4: is there room. Takes rate limits and holds the upper bound of the cost on every budget over the request, all or nothing. What
/// is taken here, <see cref="SettleStep"/> gives back.
/// </summary>
internal sealed class AdmitStep(IUsageJournal journal, BudgetCheckpoint checkpoint, RateGate rates, BudgetGate budgets, InFlightSlots slots, LearntTraffic learnt)
{
    public ValueTask<Failure?> RunAsync(RequestContext context)
    {
        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = UpperBounds.Prompt(context, context.Route!);
        reservation.Output = OutputPolicy.Of(context);
        reservation.OutputTokens = UpperBounds.Output(context, context.Route!, learnt);
        return AdmitAsync(context, context.Route!, reservation.OutputTokens);
    }

    /// <summary>Admits a session on a route, for which room for one response is held at a time.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="promptTokens">Upper bound of the prompt of a response.</param>
    /// <param name="outputTokens">Upper bound of what a response generates.</param>
    public ValueTask<Failure?> RunAsync(RequestContext context, RouteRuntime route, long promptTokens, long outputTokens)
    {
        context.Reservation.PromptTokens = promptTokens;
        return AdmitAsync(context, route, outputTokens);
    }

    /// <summary>Admits a request that has no route.</summary>
    /// <param name="context">The request.</param>
    /// <param name="deployment">What it will be billed by, or null when it costs nothing.</param>
    /// <param name="promptTokens">Upper bound of its prompt.</param>
    /// <param name="outputTokens">Upper bound of what is generated.</param>
    public ValueTask<Failure?> RunAsync(RequestContext context, DeploymentRuntime? deployment, long promptTokens, long outputTokens)
    {
        if (!IsReady)
        {
            return new(LedgerUnavailable());
        }

        context.Reservation.PromptTokens = promptTokens;
        long amount = 0;
        if (deployment is not null && !BudgetGate.SetOf(context).IsEmpty)
        {
            if (deployment.Pricing.UpperBound(context.PriceOf(deployment), promptTokens, outputTokens, default, BilledUse.Asked(context)) is { } bound)
            {
                amount = bound;
            }
            else if (deployment.Pricing.Unpriced != UnpricedPolicy.Allow)
            {
                return new(Unpriced(deployment, context.ModelFor(deployment)));
            }
        }

        return HoldAfter(rates.EnterAsync(context, promptTokens, outputTokens), context, new BudgetAsk(amount, null, deployment?.Provider.Id));
    }

    /// <summary>Admits a request of a price that is known: a call of a tool.</summary>
    /// <param name="context">The request.</param>
    /// <param name="nanoUsd">What it costs at most.</param>
    public ValueTask<Failure?> RunAsync(RequestContext context, long nanoUsd) =>
        IsReady ? HoldAfter(rates.EnterAsync(context, 0, 0), context, new BudgetAsk(nanoUsd)) : new(LedgerUnavailable());

    /// <summary>Admits a request that costs nothing, so that who has spent all can still fetch what was paid for.</summary>
    public async ValueTask<Failure?> RunUnpaidAsync(RequestContext context)
    {
        if (!IsReady)
        {
            return LedgerUnavailable();
        }

        if (await rates.EnterAsync(context, 0, 0).ConfigureAwait(false) is { } limited)
        {
            return limited;
        }

        context.Reservation.Active = true;
        return null;
    }

    /// <summary>Holds an amount for a request that was admitted unpaid, and makes it outlive a crash.</summary>
    /// <param name="context">The request.</param>
    /// <param name="nanoUsd">What it will be charged.</param>
    /// <param name="providerId">Who will work on it.</param>
    public async ValueTask<Failure?> HoldForAsync(RequestContext context, long nanoUsd, string providerId)
    {
        if (await budgets.HoldAsync(context, new BudgetAsk(nanoUsd, null, providerId)).ConfigureAwait(false) is { } refused)
        {
            return BudgetFailures.Of(refused, nanoUsd);
        }

        context.Reservation.CallBoundNanoUsd = nanoUsd;
        context.Slot = slots.Take(context);
        return null;
    }

    /// <summary>Counts what a session has used so far against its limits, and holds room for one more response beside it.</summary>
    /// <returns>False when a budget has none.</returns>
    public async ValueTask<bool> TryGoOnAsync(RequestContext context, TokenCounts used)
    {
        rates.Correct(context, used);
        if (BudgetGate.SetOf(context).IsEmpty)
        {
            return true;
        }

        var deployment = context.Deployment!;
        var spent = deployment.Pricing.Cost(context.PriceOf(deployment), used, default, ServiceTier.Standard, out _);
        return await ExtendAsync(context, spent + context.Reservation.CallBoundNanoUsd - context.Reservation.Budgets.NanoUsd).ConfigureAwait(false);
    }

    /// <summary>Makes sure that what is held also covers the targets of another route; nothing changes when it cannot.</summary>
    public async ValueTask<Failure?> CoverAsync(RequestContext context, RouteRuntime route)
    {
        // Other models may count the prompt otherwise, and be told more of the tools.
        var (outputTokens, promptBefore) = (UpperBounds.Output(context, route, learnt), context.Reservation.PromptTokens);
        context.Reservation.PromptTokens = Math.Max(promptBefore, UpperBounds.Prompt(context, route));
        if (Bound(context, route, outputTokens, out var amount) is { } unpriced)
        {
            context.Reservation.PromptTokens = promptBefore;
            return unpriced;
        }

        var held = context.Reservation.CallBoundNanoUsd;
        if (budgets.TryHold(context, new BudgetAsk(Math.Max(0, amount - held), route), isFinal: false) is not null)
        {
            Narrow(context, route, outputTokens, ref amount);
            if (await budgets.HoldAsync(context, new BudgetAsk(Math.Max(0, amount - held), route)).ConfigureAwait(false) is { } refused)
            {
                context.Reservation.PromptTokens = promptBefore;
                return BudgetFailures.Of(refused, amount);
            }
        }

        context.Reservation.PromptTokens = Math.Max(promptBefore, context.Reservation.PromptTokens);
        context.Reservation.CallBoundNanoUsd = Math.Max(held, amount);
        context.Reservation.OutputTokens = Math.Max(context.Reservation.OutputTokens, outputTokens);
        context.Slot?.Holds(context.Reservation.Budgets);
        return null;
    }

    /// <summary>Holds the bound of one more call beside the one under way.</summary>
    public bool TryHoldAgain(RequestContext context) => TryExtend(context, context.Reservation.CallBoundNanoUsd);

    /// <summary>Holds the bound of one more call, whose prompt is longer than the caller's.</summary>
    public async ValueTask<bool> TryHoldContinuationAsync(RequestContext context, long morePromptTokens)
    {
        var promptTokens = context.Reservation.PromptTokens;
        context.Reservation.PromptTokens += morePromptTokens;
        var unpriced = Bound(context, context.Route!, UpperBounds.Output(context, context.Route!, learnt), out var amount);
        context.Reservation.PromptTokens = promptTokens;
        return unpriced is null && await ExtendAsync(context, amount).ConfigureAwait(false);
    }

    /// <summary>Holds more for a request under way, out of what this edge may spend without asking.</summary>
    /// <param name="context">The request.</param>
    /// <param name="moreNanoUsd">What it may cost on top of what is held.</param>
    /// <returns>False when that does not reach; then <see cref="ExtendAsync"/> asks the ledger.</returns>
    public bool TryExtend(RequestContext context, long moreNanoUsd)
    {
        if (moreNanoUsd > 0 && budgets.TryHold(context, new BudgetAsk(moreNanoUsd), isFinal: true) is not null)
        {
            return false;
        }

        context.Slot?.Holds(context.Reservation.Budgets);
        return true;
    }

    /// <summary>Holds more for a request under way, and asks the ledger where what this edge has does not reach.</summary>
    /// <param name="context">The request.</param>
    /// <param name="moreNanoUsd">What it may cost on top of what is held.</param>
    /// <returns>False when a budget has no room.</returns>
    public async ValueTask<bool> ExtendAsync(RequestContext context, long moreNanoUsd)
    {
        if (moreNanoUsd > 0 && await budgets.HoldAsync(context, new BudgetAsk(moreNanoUsd)).ConfigureAwait(false) is not null)
        {
            return false;
        }

        context.Slot?.Holds(context.Reservation.Budgets);
        return true;
    }

    private bool IsReady => journal.NotReadyReason is null && checkpoint.IsRestored;

    private ValueTask<Failure?> AdmitAsync(RequestContext context, RouteRuntime route, long outputTokens)
    {
        if (!IsReady)
        {
            return new(LedgerUnavailable());
        }

        Nearness.Touch(context);
        if (Bound(context, route, outputTokens, out var amount) is { } unpriced)
        {
            return new(unpriced);
        }

        var units = UpperBounds.Units(context);
        return rates.TryEnter(context, context.Reservation.PromptTokens, outputTokens, units) is { } limited
            ? EnterAsync(limited, context, route, outputTokens, units, amount)
            : HoldCloselyAsync(context, route, outputTokens, amount);
    }

    /// <summary>Looks at the prompt more closely before a request waits, or is refused, for tokens that it may not need.</summary>
    private async ValueTask<Failure?> EnterAsync(Failure limited, RequestContext context, RouteRuntime route, long outputTokens, UsageUnits units, long amount)
    {
        var isNarrower = limited.Error == GatewayError.TokensLimited && Narrow(context, route, outputTokens, ref amount);
        var still = isNarrower
            ? await rates.EnterAsync(context, context.Reservation.PromptTokens, outputTokens, units).ConfigureAwait(false)
            : await rates.WaitAsync(context, limited, context.Reservation.PromptTokens, outputTokens, units).ConfigureAwait(false);
        return still ?? await HoldCloselyAsync(context, route, outputTokens, amount).ConfigureAwait(false);
    }

    private ValueTask<Failure?> HoldCloselyAsync(RequestContext context, RouteRuntime route, long outputTokens, long amount)
    {
        if (budgets.TryHold(context, new BudgetAsk(amount, route), isFinal: false) is null)
        {
            return new(Held(context, amount, null));
        }

        Narrow(context, route, outputTokens, ref amount);
        return HoldAsync(context, new BudgetAsk(amount, route));
    }

    /// <summary>Bounds the prompt more closely than by its bytes, which costs more: only where that made a limit or a budget refuse.</summary>
    /// <returns>True when the bound is lower now.</returns>
    private bool Narrow(RequestContext context, RouteRuntime route, long outputTokens, ref long amount)
    {
        ref var reservation = ref context.Reservation;
        if (context.Settings.PromptEstimate == PromptEstimatePolicy.Bytes || context.Operation.IsFree)
        {
            return false;
        }

        var bound = PromptCounts.Bound(context, route, learnt) ?? reservation.PromptTokens;
        if (bound >= reservation.PromptTokens)
        {
            return false;
        }

        reservation.PromptTokens = bound;
        Bound(context, route, outputTokens, out amount);
        return true;
    }

    private ValueTask<Failure?> HoldAfter(ValueTask<Failure?> entered, RequestContext context, in BudgetAsk ask) =>
        !entered.IsCompletedSuccessfully ? HoldAfterAsync(entered, context, ask)
            : entered.Result is { } limited ? new(limited)
            : HoldAsync(context, ask);

    private async ValueTask<Failure?> HoldAfterAsync(ValueTask<Failure?> entered, RequestContext context, BudgetAsk ask) =>
        await entered.ConfigureAwait(false) ?? await HoldAsync(context, ask).ConfigureAwait(false);

    private ValueTask<Failure?> HoldAsync(RequestContext context, in BudgetAsk ask)
    {
        var held = budgets.HoldAsync(context, ask);
        return held.IsCompletedSuccessfully ? new(Held(context, ask.NanoUsd, held.Result)) : AwaitAsync(context, ask.NanoUsd, held);
    }

    private async ValueTask<Failure?> AwaitAsync(RequestContext context, long amount, ValueTask<BudgetRefused?> held)
    {
        try
        {
            return Held(context, amount, await held.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            rates.Leave(context);
            throw;
        }
    }

    private Failure? Held(RequestContext context, long amount, BudgetRefused? refused)
    {
        if (refused is { } why)
        {
            rates.Leave(context);
            return BudgetFailures.Of(why, amount);
        }

        ref var reservation = ref context.Reservation;
        reservation.CallBoundNanoUsd = amount;
        reservation.Active = true;
        context.Slot = slots.Take(context);
        return null;
    }

    private static Failure? Bound(RequestContext context, RouteRuntime route, long outputTokens, out long amount)
    {
        amount = 0;
        if (context.Operation.IsFree || BudgetGate.SetOf(context).IsEmpty)
        {
            return null;
        }

        var units = UpperBounds.Units(context);
        var asked = BilledUse.Asked(context);
        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                if (target.Deployment.Pricing.UpperBound(context.PriceOf(target.Deployment), context.Reservation.PromptTokens, outputTokens, units, asked) is { } bound)
                {
                    amount = Math.Max(amount, bound);
                }
                else if (target.Deployment.Pricing.Unpriced != UnpricedPolicy.Allow)
                {
                    return Unpriced(target.Deployment, context.ModelFor(target.Deployment));
                }
            }
        }

        return null;
    }

    private static Failure Unpriced(DeploymentRuntime deployment, string model) =>
        new(GatewayError.ModelUnpriced, Step.Admit, $"The price of '{model}' at {deployment.Provider.Id} is not known, and this API key has a budget: an administrator must set a price of it, as an override or for deployment '{deployment.Id}' or set settings.unpriced to 'allow'.") { Param = "model" };

    private static Failure LedgerUnavailable() =>
        new(GatewayError.LedgerUnavailable, Step.Admit, "The gateway cannot record usage at the moment, and serves nothing that it cannot record.");
}
