using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>Builds the budgets over keys.</summary>
internal sealed class BudgetSetBuilder(GatewaySnapshot snapshot, RuntimeState state)
{
    private readonly Dictionary<string, BudgetState> _budgets = snapshot.Budgets.ToDictionary(static b => b.Id, state.Budget, StringComparer.Ordinal);

    public BudgetSet Build(KeyAccounts accounts, List<string> errors)
    {
        // Ordered by id, so that every key holds its budgets in the same order and none can wait for another in a circle.
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

        return new BudgetSet([.. over]);
    }
}
