using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>
/// The budgets over a request: an amount is held on every account before the request goes on, or on none, and replaced by the true cost when it ends. Accounts of single
/// providers leave their provider out when they have no room; only when no provider is left is the request refused.
/// </summary>
internal sealed class BudgetGate(BudgetBook book, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest that a request waits for the ledger.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The accounts over a request.</summary>
    public static BudgetSet SetOf(RequestContext context) => context.Reservation.Budgets.Set ??= context.Key!.Budgets.For(context);

    /// <summary>Holds an amount more than what a request holds already, at once or not at all.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ask">What is asked for.</param>
    /// <param name="isFinal">True: a provider whose accounts have no room is left out at once, even where the ledger might lease some.</param>
    /// <returns>The account that refused, or null when the amount is held.</returns>
    public HoldRefusal? TryHold(RequestContext context, in BudgetAsk ask, bool isFinal)
    {
        ref var hold = ref context.Reservation.Budgets;
        var set = SetOf(context);
        if (set.IsEmpty)
        {
            hold.NanoUsd += ask.NanoUsd;
            return null;
        }

        var (now, micros) = (time.GetTimestamp(), context.StartedAtMicros);
        if (TryAll(set.Accounts, micros, ask.NanoUsd, now) is { } refusal)
        {
            return refusal;
        }

        if (set.Providers.Length > 0 && TryProviders(context, set, ask, now, isFinal) is { } full)
        {
            GiveBack(set.Accounts, micros, ask.NanoUsd);
            return full;
        }

        hold.NanoUsd += ask.NanoUsd;
        return null;
    }

    /// <summary>Holds an amount more, and waits for the ledger where that may help: no longer than a request may wait, and no longer than its caller does.</summary>
    /// <returns>What refused, or null when the amount is held.</returns>
    public ValueTask<BudgetRefused?> HoldAsync(RequestContext context, in BudgetAsk ask) =>
        TryHold(context, ask, isFinal: book.IsLocal) is not { } refusal ? default
            : book.IsLocal ? new(new BudgetRefused(refusal.Account, LeaseAnswer.Empty))
            : HoldLaterAsync(context, ask, refusal);

    private async ValueTask<BudgetRefused?> HoldLaterAsync(RequestContext context, BudgetAsk ask, HoldRefusal refusal)
    {
        var deadline = time.GetTimestamp() + (long)(Patience.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var nanoUsd = refusal.IsOfProvider ? context.Reservation.Budgets.NanoUsd + ask.NanoUsd : ask.NanoUsd;
            var answer = await WaitAsync(context, refusal.Account, nanoUsd, deadline, refusal.IsOfProvider).ConfigureAwait(false);
            if (answer != LeaseAnswer.Room && !refusal.IsOfProvider)
            {
                return new BudgetRefused(refusal.Account, answer);
            }

            if (TryHold(context, ask, isFinal: answer != LeaseAnswer.Room) is not { } again)
            {
                return null;
            }

            if (answer != LeaseAnswer.Room && again.IsOfProvider)
            {
                return new BudgetRefused(again.Account, answer);
            }

            refusal = again;
        }
    }

    /// <summary>Replaces what is held by what is charged. A provider's own accounts are charged the whole when it worked on the request, and nothing when not.</summary>
    /// <returns>The names of the accounts charged.</returns>
    public string Settle(RequestContext context, long usedNanoUsd)
    {
        ref var hold = ref context.Reservation.Budgets;
        var (set, micros) = (hold.Set ?? BudgetSet.None, context.StartedAtMicros);
        var worked = set.Providers.Length == 0 ? 0 : Worked(context, set);
        foreach (var account in set.Accounts)
        {
            account.Settle(micros, hold.NanoUsd, usedNanoUsd);
        }

        for (var i = 0; i < set.Providers.Length; i++)
        {
            var held = ((hold.AtProviders?.Held ?? 0) & (1UL << i)) == 0 ? 0 : hold.NanoUsd;
            var used = (worked & (1UL << i)) == 0 ? 0 : usedNanoUsd;
            if (held != 0 || used != 0)
            {
                foreach (var account in set.Providers[i].Accounts)
                {
                    account.Settle(micros, held, used);
                }
            }
        }

        hold.NanoUsd = 0;
        hold.AtProviders = null;
        return set.NamesFor(worked);
    }

    private async ValueTask<LeaseAnswer> WaitAsync(RequestContext context, BudgetAccount account, long nanoUsd, long deadline, bool isHasty)
    {
        var last = LeaseAnswer.Unavailable;
        while (true)
        {
            var now = time.GetTimestamp();
            if (now >= deadline)
            {
                return last;
            }

            var waiter = account.Wait(context.StartedAtMicros, nanoUsd);
            try
            {
                last = await waiter.Answer.WaitAsync(time.GetElapsedTime(now, deadline), time, context.Http.RequestAborted).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return last;
            }
            finally
            {
                account.Leave(waiter);
            }

            if (last != LeaseAnswer.Short || isHasty)
            {
                return last;
            }

            // Others hold what is left; those of them that do not need it give it back when they hear that it is scarce.
            await Task.Delay(_pause, time, context.Http.RequestAborted).ConfigureAwait(false);
        }
    }

    private static HoldRefusal? TryAll(BudgetAccount[] accounts, long micros, long nanoUsd, long now)
    {
        for (var i = 0; i < accounts.Length; i++)
        {
            var outcome = accounts[i].TryHold(micros, nanoUsd, now);
            if (outcome != HoldOutcome.Held)
            {
                GiveBack(accounts.AsSpan(0, i), micros, nanoUsd);
                return new HoldRefusal(accounts[i], outcome);
            }
        }

        return null;
    }

    private static void GiveBack(ReadOnlySpan<BudgetAccount> accounts, long micros, long nanoUsd)
    {
        foreach (var account in accounts)
        {
            account.Settle(micros, nanoUsd, 0);
        }
    }

    private HoldRefusal? TryProviders(RequestContext context, BudgetSet set, in BudgetAsk ask, long now, bool isFinal)
    {
        var at = context.Reservation.Budgets.AtProviders ??= new ProviderHolds();
        var (heldBefore, refusedBefore, nanoUsdBefore) = (at.Held, at.Refused, context.Reservation.Budgets.NanoUsd);
        if (Extend(context, set, ask.NanoUsd, now) is { } full)
        {
            return full;
        }

        HoldRefusal? refusal = null;
        var isLeft = ask.Route is null && ask.ProviderId is null;
        foreach (var tier in ask.Route?.Tiers ?? [])
        {
            foreach (var target in tier)
            {
                if (context.Key!.Providers.Allows(target.ProviderId))
                {
                    isLeft |= TryProvider(context, set, target.ProviderId, nanoUsdBefore + ask.NanoUsd, now, ref refusal);
                }
            }
        }

        isLeft |= ask.ProviderId is { } provider && TryProvider(context, set, provider, nanoUsdBefore + ask.NanoUsd, now, ref refusal);
        if (refusal is null || (isLeft && (isFinal || !MayLease(refusal.Value))))
        {
            return null;
        }

        // As it was before: those that held something hold that, and nobody is left out yet.
        for (var i = 0; i < set.Providers.Length; i++)
        {
            var bit = 1UL << i;
            if ((at.Held & bit) != 0)
            {
                GiveBack(set.Providers[i].Accounts, context.StartedAtMicros, (heldBefore & bit) != 0 ? ask.NanoUsd : nanoUsdBefore + ask.NanoUsd);
            }
        }

        (at.Held, at.Refused) = (heldBefore, refusedBefore);
        return refusal;
    }

    private static bool MayLease(HoldRefusal refusal) => refusal.Outcome == HoldOutcome.Lapsed || !refusal.Account.IsScarce;

    private static HoldRefusal? Extend(RequestContext context, BudgetSet set, long moreNanoUsd, long now)
    {
        var at = context.Reservation.Budgets.AtProviders!;
        for (var i = 0; i < set.Providers.Length; i++)
        {
            if ((at.Held & (1UL << i)) != 0 && TryAll(set.Providers[i].Accounts, context.StartedAtMicros, moreNanoUsd, now) is { } full)
            {
                for (var before = 0; before < i; before++)
                {
                    if ((at.Held & (1UL << before)) != 0)
                    {
                        GiveBack(set.Providers[before].Accounts, context.StartedAtMicros, moreNanoUsd);
                    }
                }

                return full with { IsOfProvider = false };
            }
        }

        return null;
    }

    private static bool TryProvider(RequestContext context, BudgetSet set, string providerId, long nanoUsd, long now, ref HoldRefusal? refusal)
    {
        var at = context.Reservation.Budgets.AtProviders!;
        var index = set.IndexOf(providerId);
        if (index < 0)
        {
            return true;
        }

        var bit = 1UL << index;
        if (((at.Held | at.Refused) & bit) == 0)
        {
            if (TryAll(set.Providers[index].Accounts, context.StartedAtMicros, nanoUsd, now) is { } full)
            {
                refusal = full with { IsOfProvider = true };
                at.Refused |= bit;
            }
            else
            {
                at.Held |= bit;
            }
        }

        return (at.Refused & bit) == 0;
    }

    private static ulong Worked(RequestContext context, BudgetSet set)
    {
        var worked = context.ProviderEngaged && context.Deployment is { } deployment ? Bit(set, deployment.Provider.Id) : 0;
        if (context.Side is { } side)
        {
            foreach (var provider in side.Providers)
            {
                worked |= Bit(set, provider);
            }
        }

        return worked;
    }

    private static ulong Bit(BudgetSet set, string providerId) => set.IndexOf(providerId) is var index and >= 0 ? 1UL << index : 0;
}
