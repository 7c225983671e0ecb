using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Admission;
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
internal sealed class AdmitStep(IUsageJournal journal, BudgetCheckpoint budgets)
{
    // A picture's tokens cannot be told from its address; this is what the dearest common encodings charge for a large one.
    private const long TokensPerMedium = 3_000;

    // What a provider holds or fetches can fill the window of the common models.
    private const long TokensPerReference = 200_000;

    // Models that make images of images look at them more closely than others.
    private const long TokensPerEditedImage = 8_192;

    private const long TokensPerSecond = 10;
    private const long TokensPerSpokenByte = 2;

    public Failure? Run(RequestContext context)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return LedgerUnavailable();
        }

        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = PromptBound(context);
        var outputTokens = OutputBound(context, context.Route!);
        if (Bound(context, context.Route!, outputTokens, out var amount) is { } unpriced)
        {
            return unpriced;
        }

        return TakeLimits(context, ref reservation, reservation.PromptTokens + outputTokens) ?? Hold(context, ref reservation, amount);
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
    public Failure? Run(RequestContext context, DeploymentRuntime? deployment, long promptTokens, long outputTokens)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return LedgerUnavailable();
        }

        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = promptTokens;
        long amount = 0;
        if (deployment is not null && context.Key!.Budgets.Length > 0)
        {
            var model = context.ModelFor(deployment);
            if (deployment.Pricing.UpperBound(model, promptTokens, outputTokens, default) is { } bound)
            {
                amount = bound;
            }
            else if (context.Settings.Unpriced == UnpricedPolicy.Deny)
            {
                return Unpriced(deployment, model);
            }
        }

        return TakeLimits(context, ref reservation, promptTokens + outputTokens) ?? Hold(context, ref reservation, amount);
    }

    /// <summary>Admits a request that costs nothing, so that who has spent all can still fetch what was paid for.</summary>
    public Failure? RunUnpaid(RequestContext context)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return LedgerUnavailable();
        }

        ref var reservation = ref context.Reservation;
        if (TakeLimits(context, ref reservation, 0) is { } limited)
        {
            return limited;
        }

        reservation.Active = true;
        return null;
    }

    /// <summary>Admits a session on a route, for which room for one response is held at a time.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Its route.</param>
    /// <param name="promptTokens">Upper bound of the prompt of a response.</param>
    /// <param name="outputTokens">Upper bound of what a response generates.</param>
    public Failure? Run(RequestContext context, RouteRuntime route, long promptTokens, long outputTokens)
    {
        if (journal.NotReadyReason is not null || !budgets.IsRestored)
        {
            return LedgerUnavailable();
        }

        ref var reservation = ref context.Reservation;
        reservation.PromptTokens = promptTokens;
        return Bound(context, route, outputTokens, out var amount) is { } unpriced
            ? unpriced
            : TakeLimits(context, ref reservation, promptTokens + outputTokens) ?? Hold(context, ref reservation, amount);
    }

    /// <summary>Counts what a session has used so far against its limits, and holds room for one more response beside it.</summary>
    /// <returns>False when a budget has none.</returns>
    public bool TryGoOn(RequestContext context, in TokenCounts used)
    {
        ref var reservation = ref context.Reservation;
        var key = context.Key!;
        if (used.Total > reservation.HeldTokens)
        {
            var more = used.Total - reservation.HeldTokens;
            key.Limits.Tokens?.GiveBack(-more);
            key.TeamLimits?.Tokens?.GiveBack(-more);
            reservation.HeldTokens = used.Total;
        }

        var deployment = context.Deployment!;
        if (key.Budgets.Length == 0)
        {
            return true;
        }

        var missing = deployment.Pricing.Cost(context.ModelFor(deployment), used, default, out _) + reservation.CallBoundNanoUsd - reservation.HeldNanoUsd;
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

    private static BudgetState? HoldMore(RequestContext context, long amount)
    {
        var budgets = context.Key!.Budgets;
        for (var i = 0; i < budgets.Length; i++)
        {
            if (!budgets[i].TryReserve(amount))
            {
                for (var taken = 0; taken < i; taken++)
                {
                    budgets[taken].Settle(amount, 0);
                }

                return budgets[i];
            }
        }

        context.Reservation.HeldNanoUsd += amount;
        return null;
    }

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
        if (context.Key!.Budgets.Length == 0 || context.Operation.IsFree)
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

    private static Failure? TakeLimits(RequestContext context, ref Reservation reservation, long tokens)
    {
        var key = context.Key!;
        if (Enter(key.Limits, tokens) is { } keyFailure)
        {
            return keyFailure;
        }

        if (key.TeamLimits is { } team && Enter(team, tokens) is { } teamFailure)
        {
            Leave(key.Limits, tokens);
            return teamFailure;
        }

        reservation.HeldTokens = tokens;
        return null;
    }

    private static Failure? Enter(AccountLimits limits, long tokens)
    {
        if (limits.Concurrency is { } concurrency && !concurrency.TryEnter())
        {
            return new Failure(GatewayError.ConcurrencyLimited, Step.Admit, $"The limit of {concurrency.Limit} requests at the same time of this {limits.Scope} is reached.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        if (limits.Requests is { } requests && !requests.TryTake(1, out var requestWait))
        {
            limits.Concurrency?.Exit();
            return new Failure(GatewayError.RequestsLimited, Step.Admit, $"The limit of {requests.PerMinute} requests a minute of this {limits.Scope} is reached.") { RetryAfter = requestWait };
        }

        if (limits.Tokens is { } tokenLimit && !tokenLimit.TryTake(tokens, out var tokenWait))
        {
            limits.Requests?.GiveBack(1);
            limits.Concurrency?.Exit();
            return tokenWait == Timeout.InfiniteTimeSpan
                ? new Failure(GatewayError.TokensLimited, Step.Admit, $"This request may need {tokens} tokens, more than the {tokenLimit.PerMinute} a minute of this {limits.Scope}; lower max_tokens or shorten the prompt.")
                : new Failure(GatewayError.TokensLimited, Step.Admit, $"The limit of {tokenLimit.PerMinute} tokens a minute of this {limits.Scope} is reached.") { RetryAfter = tokenWait };
        }

        return null;
    }

    private static void Leave(AccountLimits limits, long tokens)
    {
        limits.Tokens?.GiveBack(tokens);
        limits.Requests?.GiveBack(1);
        limits.Concurrency?.Exit();
    }

    private static Failure? Hold(RequestContext context, ref Reservation reservation, long amount)
    {
        var key = context.Key!;
        var budgets = key.Budgets;
        for (var i = 0; i < budgets.Length; i++)
        {
            if (!budgets[i].TryReserve(amount))
            {
                for (var taken = 0; taken < i; taken++)
                {
                    budgets[taken].Settle(amount, 0);
                }

                Leave(key.Limits, reservation.HeldTokens);
                if (key.TeamLimits is { } team)
                {
                    Leave(team, reservation.HeldTokens);
                }

                reservation.HeldTokens = 0;
                return Exhausted(budgets[i], amount);
            }
        }

        reservation.HeldNanoUsd = amount;
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
