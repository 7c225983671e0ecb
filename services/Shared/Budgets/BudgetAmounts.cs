using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>What a window of a budget allows at a moment.</summary>
public static class BudgetAmounts
{
    /// <summary>The most that an amount may be, in nano-US-dollars: a thousand million dollars.</summary>
    public const long Most = 1_000_000_000_000_000_000;

    /// <summary>The overrides in force, in nano-US-dollars; they stand on top of the limit of each window.</summary>
    public static long Overrides(BudgetEntry budget, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(budget);
        var sum = 0L;
        for (var i = 0; i < budget.Overrides.Count; i++)
        {
            if (budget.Overrides[i].ExpiresAt > now)
            {
                sum = Math.Min(Most, sum + budget.Overrides[i].NanoUsd);
            }
        }

        return sum;
    }
}
