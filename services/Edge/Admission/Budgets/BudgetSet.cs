using System.Collections;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>Every budget over a request, each once and always in the same order: all of them have room for it, or none is touched.</summary>
internal sealed class BudgetSet(BudgetState[] budgets) : IReadOnlyList<BudgetState>
{
    public static BudgetSet None { get; } = new([]);

    public int Count => budgets.Length;

    public BudgetState this[int index] => budgets[index];

    /// <summary>Holds an amount on every budget, or nothing.</summary>
    /// <returns>The budget that has no room, or null when the amount is held.</returns>
    public BudgetState? TryHold(ref BudgetHold hold, long nanoUsd)
    {
        for (var i = 0; i < budgets.Length; i++)
        {
            if (!budgets[i].TryReserve(nanoUsd))
            {
                for (var taken = 0; taken < i; taken++)
                {
                    budgets[taken].Settle(nanoUsd, 0);
                }

                return budgets[i];
            }
        }

        hold.NanoUsd += nanoUsd;
        return null;
    }

    /// <summary>Replaces what is held by what was used.</summary>
    public void Settle(ref BudgetHold hold, long usedNanoUsd)
    {
        foreach (var budget in budgets)
        {
            budget.Settle(hold.NanoUsd, usedNanoUsd);
        }

        hold.NanoUsd = 0;
    }

    public IEnumerator<BudgetState> GetEnumerator() => ((IEnumerable<BudgetState>)budgets).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => budgets.GetEnumerator();
}
