using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>
/// The budgets over a request: an amount is held on every account before the request goes on, or on none, and replaced by the true cost when it ends. Accounts of single
/// providers leave their provider out when they have no room; only when no provider is left is the request refused.
/// </summary>
internal sealed class BudgetGate(BudgetBook book, TimeProvider time)
{
    /// <summary>The accounts over a request.</summary>
    public static BudgetSet SetOf(RequestContext context) => context.Reservation.Budgets.Set ??= context.Key!.Budgets.For(context);

    /// <summary>Holds an amount for a request that holds nothing yet.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Where it may go.</param>
    /// <param name="nanoUsd">Upper bound of its cost.</param>
    /// <returns>The account that refused, or null when the amount is held.</returns>
    public HoldRefusal? TryHold(RequestContext context, RouteRuntime? route, long nanoUsd)
    {
        var set = SetOf(context);
        ref var hold = ref context.Reservation.Budgets;
        if (set.IsEmpty)
        {
            hold.NanoUsd = nanoUsd;
            return null;
        }

        var now = time.GetTimestamp();
        if (TryAll(set.Accounts, context.StartedAtMicros, nanoUsd, now) is { } refusal)
        {
            return refusal;
        }

        hold.NanoUsd = nanoUsd;
        if (set.Providers.Length == 0 || route is null || TryProviders(context, set, route, now) is not { } none)
        {
            return null;
        }

        GiveBack(set.Accounts, context.StartedAtMicros, nanoUsd);
        hold.NanoUsd = 0;
        return none;
    }

    /// <summary>Holds what a request that goes to one provider needs of the provider's own accounts too.</summary>
    public HoldRefusal? TryHold(RequestContext context, string providerId, long nanoUsd)
    {
        if (TryHold(context, default(RouteRuntime), nanoUsd) is { } refusal)
        {
            return refusal;
        }

        var set = SetOf(context);
        var index = set.IndexOf(providerId);
        if (index < 0)
        {
            return null;
        }

        ref var hold = ref context.Reservation.Budgets;
        if (TryAll(set.Providers[index].Accounts, context.StartedAtMicros, nanoUsd, time.GetTimestamp()) is not { } full)
        {
            hold.Providers |= 1UL << index;
            return null;
        }

        GiveBack(set.Accounts, context.StartedAtMicros, nanoUsd);
        hold.NanoUsd = 0;
        return full;
    }

    /// <summary>Holds more of the accounts that hold something already, all or nothing.</summary>
    /// <param name="context">The request.</param>
    /// <param name="moreNanoUsd">What is to be held on top.</param>
    public HoldRefusal? TryExtend(RequestContext context, long moreNanoUsd)
    {
        ref var hold = ref context.Reservation.Budgets;
        var set = SetOf(context);
        if (moreNanoUsd <= 0 || set.IsEmpty)
        {
            hold.NanoUsd += Math.Max(0, moreNanoUsd);
            return null;
        }

        var (now, micros) = (time.GetTimestamp(), context.StartedAtMicros);
        if (TryAll(set.Accounts, micros, moreNanoUsd, now) is { } refusal)
        {
            return refusal;
        }

        for (var i = 0; i < set.Providers.Length; i++)
        {
            if ((hold.Providers & (1UL << i)) != 0 && TryAll(set.Providers[i].Accounts, micros, moreNanoUsd, now) is { } full)
            {
                GiveBack(set.Accounts, micros, moreNanoUsd);
                for (var before = 0; before < i; before++)
                {
                    if ((hold.Providers & (1UL << before)) != 0)
                    {
                        GiveBack(set.Providers[before].Accounts, micros, moreNanoUsd);
                    }
                }

                return full;
            }
        }

        hold.NanoUsd += moreNanoUsd;
        return null;
    }

    /// <summary>Holds what is held also on the accounts of the providers of another route.</summary>
    /// <returns>The account that refused, when it leaves no provider of the route.</returns>
    public HoldRefusal? TryProviders(RequestContext context, RouteRuntime route)
    {
        var set = SetOf(context);
        return set.Providers.Length == 0 ? null : TryProviders(context, set, route, time.GetTimestamp());
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
            var held = (hold.Providers & (1UL << i)) == 0 ? 0 : hold.NanoUsd;
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
        hold.Providers = 0;
        return set.NamesFor(worked);
    }

    /// <summary>Waits, where that may help, for room on an account that refused.</summary>
    /// <param name="context">The request.</param>
    /// <param name="refusal">What refused.</param>
    /// <param name="nanoUsd">What it was asked for.</param>
    /// <param name="deadline">Timestamp at which the wait ends.</param>
    /// <returns>What came of it: only after <see cref="LeaseAnswer.Room"/> is it worth asking again.</returns>
    public async ValueTask<LeaseAnswer> WaitAsync(RequestContext context, HoldRefusal refusal, long nanoUsd, long deadline)
    {
        if (book.IsLocal)
        {
            return LeaseAnswer.Empty;
        }

        var last = LeaseAnswer.Unavailable;
        while (true)
        {
            var now = time.GetTimestamp();
            if (now >= deadline)
            {
                return last;
            }

            var waiter = refusal.Account.Wait(context.StartedAtMicros, nanoUsd);
            try
            {
                last = await waiter.Answer.WaitAsync(time.GetElapsedTime(now, deadline), time, context.Http.RequestAborted).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                refusal.Account.Leave(waiter);
                return last;
            }
            catch (OperationCanceledException)
            {
                refusal.Account.Leave(waiter);
                throw;
            }

            if (last is not LeaseAnswer.Short)
            {
                return last;
            }

            // Others hold what is left; those of them that do not need it give it back when they hear that it is scarce.
            await Task.Delay(_pause, time, context.Http.RequestAborted).ConfigureAwait(false);
        }
    }

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

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

    private static HoldRefusal? TryProviders(RequestContext context, BudgetSet set, RouteRuntime route, long now)
    {
        ref var hold = ref context.Reservation.Budgets;
        HoldRefusal? refusal = null;
        var isLeft = false;
        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                if (!context.Key!.Providers.Allows(target.ProviderId))
                {
                    continue;
                }

                var index = set.IndexOf(target.ProviderId);
                var bit = index < 0 ? 0 : 1UL << index;
                if (bit != 0 && ((hold.Providers | hold.Refused) & bit) == 0)
                {
                    if (TryAll(set.Providers[index].Accounts, context.StartedAtMicros, hold.NanoUsd, now) is { } full)
                    {
                        refusal = full;
                        hold.Refused |= bit;
                    }
                    else
                    {
                        hold.Providers |= bit;
                    }
                }

                isLeft |= (hold.Refused & bit) == 0 || bit == 0;
            }
        }

        return isLeft ? null : refusal;
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
