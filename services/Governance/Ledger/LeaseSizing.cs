using Gateway.Contracts.Budgets;

namespace Gateway.Governance.Ledger;

/// <summary>What is granted to whom: the arithmetic of leases.</summary>
internal static class LeaseSizing
{
    private const int ScarceShare = 16;
    private static readonly long _pressure = TimeSpan.FromSeconds(30).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// Decides on a question. What is free before the grant is never more than what the window's limit leaves beyond everything settled and leased; of that one edge gets at
    /// most a share, so that others can work, but a waiting request gets what it needs down to the last nano-dollar. <paramref name="allowed"/> is null for no limit.
    /// </summary>
    /// <returns>True when the edge should give back what it does not need.</returns>
    public static bool Decide(Account account, Lease lease, LeaseAsk ask, long? allowed, int runs, bool ended, long now)
    {
        var before = lease.Outstanding;
        var isLate = ask.Returned < lease.Returned || ask.Spent < lease.Spent;
        lease.Returned = Math.Max(lease.Returned, ask.Returned);
        lease.Spent = Math.Max(lease.Spent, ask.Spent);
        lease.Held = isLate ? lease.Held : ask.Held;

        // What is spent and held is so, granted or not: a true cost above its hold, a run that was given up and came back, a ledger restored from a backup. Only figures of
        // one moment are added: those of two could count a request both as held and as spent.
        lease.Granted = Math.Max(lease.Granted, ask.Returned + ask.Spent + ask.Held);
        account.Leased += lease.Outstanding - before;

        var free = lease.Granted - lease.Returned - lease.Spent - lease.Held;
        var needs = Math.Max(0, ask.Needed - free);
        var wants = Math.Max(needs, ask.Wanted - free);
        if (allowed is not { } limit)
        {
            Grant(account, lease, wants);
            return false;
        }

        var left = Math.Max(0, limit - account.Counted - account.Leased);
        if (needs > left)
        {
            // Where others may have it free they are told to give it back, and this edge asks again. What is settled nobody can give back.
            account.PressedUntil = needs <= limit - account.Counted ? now + _pressure : account.PressedUntil;
            return true;
        }

        var share = (left - needs) / (2 * Math.Max(1, runs));
        var scarce = ended || account.PressedUntil > now || left == needs || share < Math.Max(ask.Needed, ask.Wanted / ScarceShare);
        Grant(account, lease, scarce ? needs : needs + Math.Min(wants - needs, share));
        return scarce;
    }

    private static void Grant(Account account, Lease lease, long amount)
    {
        // Outstanding may lie below what was granted where more was ingested than granted, so what it takes is measured, not assumed.
        var before = lease.Outstanding;
        lease.Granted += amount;
        account.Leased += lease.Outstanding - before;
    }
}
