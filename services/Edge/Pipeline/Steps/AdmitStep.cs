using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Admission;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Errors;
using Gateway.Edge.Journal;
using Gateway.Edge.Operations;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 4: is there room. Takes rate limits and holds the upper bound of the cost on every budget over the key, all or nothing. What
/// is taken here, <see cref="SettleStep"/> gives back.
/// </summary>
internal sealed class AdmitStep(IUsageJournal journal, BudgetCheckpoint budgets, RateGate rates)
{
    // A picture's tokens cannot be told from its address; this is what the dearest common encodings charge for a large one.
    private const long TokensPerMedium = 3_000;

    // What a provider holds or fetches can fill the window of the common models.
    private const long TokensPerReference = 200_000;

    // Models that make images of images look at them more closely than others.
    private const long TokensPerEditedImage = 8_192;

    private const long TokensPerSecond = 10;
    private const long TokensPerSpokenByte = 2;

    public ValueTask<Failure?> RunAsync(RequestContext context)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return new(LedgerUnavailable());
        }

        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = PromptBound(context);
        var outputTokens = OutputBound(context, context.Route!);
        if (Bound(context, context.Route!, outputTokens, out var amount) is { } unpriced)
        {
            return new(unpriced);
        }

        return HoldAfter(rates.EnterAsync(context, reservation.PromptTokens, outputTokens, MostUnits(context)), context, amount);
    }

    // A token of text is at least one byte of the body, so the body's length bounds the prompt from above.
    private static long PromptBound(RequestContext context) =>
        context.Operation.IsFree ? 0
        : context.Operation.Operation == Operation.Transcription ? context.PromptBytes + (MostSeconds(context) * TokensPerSecond)
        : context.PromptBytes + (context.Envelope.Media * TokensOfMedium(context)) + (context.Envelope.References * TokensPerReference);

    /// <summary>What has to be held for output whatever the cap: sound follows the text it is made of, and a transcript the sound.</summary>
    private static long LeastOutput(RequestContext context) => context.Operation.Operation switch
    {
        Operation.Speech => context.PromptBytes * TokensPerSpokenByte,
        Operation.Transcription => MostSeconds(context) * TokensPerSecond,
        _ => context.Operation.LeastOutputBound,
    };

    private static long MostSeconds(RequestContext context) => (context.Envelope.FileBytes + Recordings.LeastBytesPerSecond - 1) / Recordings.LeastBytesPerSecond;

    private static long TokensOfMedium(RequestContext context) => context.Operation.Operation == Operation.Image ? TokensPerEditedImage : TokensPerMedium;

    /// <summary>The most that may be used of what is not billed by tokens.</summary>
    private static UsageUnits MostUnits(RequestContext context) => context.Operation.Operation switch
    {
        Operation.Image => new UsageUnits { Images = context.Envelope.Choices },
        Operation.Transcription => new UsageUnits { AudioMilliseconds = MostSeconds(context) * 1_000 },
        Operation.Speech => new UsageUnits { Characters = context.PromptBytes },
        // A search has up to a hundred documents, and each at least a pair of quotes and a comma.
        Operation.Rerank => new UsageUnits { Searches = 1 + (context.PromptBytes / 300) },
        _ => default,
    };

    /// <summary>Admits a request that has no route.</summary>
    /// <param name="context">The request.</param>
    /// <param name="deployment">What it will be billed by, or null when it costs nothing.</param>
    /// <param name="promptTokens">Upper bound of its prompt.</param>
    /// <param name="outputTokens">Upper bound of what is generated.</param>
    public ValueTask<Failure?> RunAsync(RequestContext context, DeploymentRuntime? deployment, long promptTokens, long outputTokens)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return new(LedgerUnavailable());
        }

        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = promptTokens;
        long amount = 0;
        if (deployment is not null && context.Key!.Budgets.Count > 0)
        {
            var model = context.ModelFor(deployment);
            if (deployment.Pricing.UpperBound(model, promptTokens, outputTokens, default) is { } bound)
            {
                amount = bound;
            }
            else if (context.Settings.Unpriced == UnpricedPolicy.Deny)
            {
                return new(Unpriced(deployment, model));
            }
        }

        return HoldAfter(rates.EnterAsync(context, promptTokens, outputTokens), context, amount);
    }

    /// <summary>Admits a request that costs nothing, so that who has spent all can still fetch what was paid for.</summary>
    public async ValueTask<Failure?> RunUnpaidAsync(RequestContext context)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
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

    /// <summary>Admits a session on a route, for which room for one response is held at a time.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="promptTokens">Upper bound of the prompt of a response.</param>
    /// <param name="outputTokens">Upper bound of what a response generates.</param>
    public ValueTask<Failure?> RunAsync(RequestContext context, RouteRuntime route, long promptTokens, long outputTokens)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return new(LedgerUnavailable());
        }

        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = promptTokens;
        return Bound(context, route, outputTokens, out var amount) is { } unpriced
            ? new(unpriced)
            : HoldAfter(rates.EnterAsync(context, promptTokens, outputTokens), context, amount);
    }

    /// <summary>Counts what a session has used so far against its limits, and holds room for one more response beside it.</summary>
    /// <returns>False when a budget has none.</returns>
    public bool TryGoOn(RequestContext context, in TokenCounts used)
    {
        ref var reservation = ref context.Reservation;
        var key = context.Key!;
        rates.Correct(context, used);
        var deployment = context.Deployment!;
        if (key.Budgets.Count == 0)
        {
            return true;
        }

        var missing = deployment.Pricing.Cost(context.ModelFor(deployment), used, default, out _) + reservation.CallBoundNanoUsd - reservation.Budgets.NanoUsd;
        return missing <= 0 || HoldMore(context, missing) is null;
    }

    /// <summary>Makes sure that what is held also covers the targets of another route; nothing changes when it cannot.</summary>
    public Failure? Cover(RequestContext context, RouteRuntime route)
    {
        if (Bound(context, route, OutputBound(context, route), out var amount) is { } unpriced)
        {
            return unpriced;
        }

        var more = amount - context.Reservation.CallBoundNanoUsd;
        if (more > 0)
        {
            if (HoldMore(context, more) is { } full)
            {
                return Exhausted(full, amount);
            }

            context.Reservation.CallBoundNanoUsd = amount;
        }

        return null;
    }

    /// <summary>Holds the bound of one more call beside the one under way.</summary>
    public bool TryHoldAgain(RequestContext context) => HoldMore(context, context.Reservation.CallBoundNanoUsd) is null;

    /// <summary>Holds the bound of one more call, whose prompt is longer than the caller's.</summary>
    public bool TryHoldContinuation(RequestContext context, long morePromptTokens)
    {
        ref var reservation = ref context.Reservation;
        var promptTokens = reservation.PromptTokens;
        reservation.PromptTokens += morePromptTokens;
        var unpriced = Bound(context, context.Route!, OutputBound(context, context.Route!), out var amount);
        reservation.PromptTokens = promptTokens;
        return unpriced is null && HoldMore(context, amount) is null;
    }

    private static BudgetState? HoldMore(RequestContext context, long amount) => context.Key!.Budgets.TryHold(ref context.Reservation.Budgets, amount);

    private static long OutputBound(RequestContext context, RouteRuntime route)
    {
        if (!context.Operation.HasOutput)
        {
            return 0;
        }

        var cap = context.Envelope.MaxOutputTokens;
        if (cap < 0)
        {
            cap = 0;
            foreach (var tier in route.Tiers)
            {
                foreach (var target in tier)
                {
                    cap = Math.Max(cap, target.Deployment.Pricing.MaxOutput(context.ModelFor(target.Deployment)) ?? context.Settings.DefaultOutputTokens);
                }
            }
        }

        return Math.Max(cap, LeastOutput(context)) * context.Envelope.Choices;
    }

    private static Failure? Bound(RequestContext context, RouteRuntime route, long outputTokens, out long amount)
    {
        amount = 0;
        if (context.Key!.Budgets.Count == 0 || context.Operation.IsFree)
        {
            return null;
        }

        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                var model = context.ModelFor(target.Deployment);
                if (target.Deployment.Pricing.UpperBound(model, context.Reservation.PromptTokens, outputTokens, MostUnits(context)) is { } bound)
                {
                    amount = Math.Max(amount, bound);
                }
                else if (context.Settings.Unpriced == UnpricedPolicy.Deny)
                {
                    return Unpriced(target.Deployment, model);
                }
            }
        }

        return null;
    }

    private static Failure Unpriced(DeploymentRuntime deployment, string model) =>
        new(GatewayError.ModelUnpriced, Step.Admit, $"The price of '{model}' at {deployment.Provider.Id} is not known, and this API key has a budget: an administrator must set a price for deployment '{deployment.Id}' or set settings.unpriced to 'allow'.") { Param = "model" };

    private static Failure LedgerUnavailable() =>
        new(GatewayError.LedgerUnavailable, Step.Admit, "The gateway cannot record usage at the moment, and serves nothing that it cannot record.");

    private ValueTask<Failure?> HoldAfter(ValueTask<Failure?> entered, RequestContext context, long amount) =>
        entered.IsCompletedSuccessfully ? new(entered.Result ?? Hold(context, amount)) : HoldAfterAsync(entered, context, amount);

    private async ValueTask<Failure?> HoldAfterAsync(ValueTask<Failure?> entered, RequestContext context, long amount) =>
        await entered.ConfigureAwait(false) ?? Hold(context, amount);

    private Failure? Hold(RequestContext context, long amount)
    {
        if (HoldMore(context, amount) is { } full)
        {
            rates.Leave(context);
            return Exhausted(full, amount);
        }

        ref var reservation = ref context.Reservation;
        reservation.CallBoundNanoUsd = amount;
        reservation.Active = true;
        return null;
    }

    private static Failure Exhausted(BudgetState budget, long amount)
    {
        var figures = budget.Figures;
        var reset = figures.WindowEnd == DateTime.MaxValue ? "It does not reset." : $"It resets at {figures.WindowEnd:u}.";
        // How much is left would tell a key's holder what its team mates spend.
        return new Failure(GatewayError.BudgetExhausted, Step.Admit, $"The budget '{budget.Entry.Name}' has no room for this request, which may cost up to {NanoUsdText.Format(amount)} USD. {reset} A lower max_tokens makes a request fit a smaller rest.");
    }
}
