using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission;

/// <summary>The budgets over a key, those of the accounts above it included.</summary>
internal sealed class KeyBudgets(BudgetState[] all)
{
    /// <summary>Each once, ordered by id, so that every key holds its budgets in the same order and none can wait for another in a circle.</summary>
    public BudgetState[] All { get; } = all;
}

/// <summary>Builds the budgets over keys.</summary>
internal sealed class KeyBudgetsBuilder(GatewaySnapshot snapshot, RuntimeState state)
{
    private readonly Dictionary<string, BudgetState> _budgets = snapshot.Budgets.ToDictionary(static b => b.Id, state.Budget, StringComparer.Ordinal);

    public KeyBudgets Build(KeyAccounts accounts, List<string> errors)
    {
        var over = new List<BudgetState>();
        foreach (var id in accounts.BudgetIds)
        {
            if (_budgets.TryGetValue(id, out var budget))
            {
                over.Add(budget);
            }
            else
            {
                errors.Add($"Key '{accounts.Key.Id}' or an account above it names the budget '{id}', which does not exist.");
            }
        }

        return new KeyBudgets([.. over]);
    }
}
