namespace Gateway.McpHub.CodeMode;

/// <summary>What a program's calls cost, never more than its bound. Safe for several threads.</summary>
internal sealed class CostMeter(long? bound)
{
    private readonly Lock gate = new();
    private long used;

    /// <summary>What the calls so far cost.</summary>
    public long UsedNanoUsd
    {
        get
        {
            lock (gate)
            {
                return used;
            }
        }
    }

    /// <summary>What may still be used; null for no bound.</summary>
    public long? LeftNanoUsd => bound - UsedNanoUsd;

    /// <summary>Takes the price of a call, before it is made.</summary>
    public bool TryTake(long price)
    {
        lock (gate)
        {
            if (price > 0 && bound is { } most && price > most - used)
            {
                return false;
            }

            used += price;
            return true;
        }
    }

    /// <summary>Gives back the price of a call that was not made.</summary>
    public void GiveBack(long price)
    {
        lock (gate)
        {
            used -= price;
        }
    }
}
