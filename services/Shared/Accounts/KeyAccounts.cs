using Gateway.Contracts.Configuration;

namespace Gateway.Accounts;

/// <summary>A virtual key with the accounts above it, those it inherits included.</summary>
/// <param name="Key">The key.</param>
/// <param name="User">The user it belongs to, or null.</param>
/// <param name="Team">Its own team, else its user's; null for none.</param>
/// <param name="Customer">Its own customer, else its team's, else its user's; null for none.</param>
public sealed record KeyAccounts(VirtualKeyEntry Key, UserEntry? User, TeamEntry? Team, CustomerEntry? Customer)
{
    /// <summary>True when neither the key nor any account above it is blocked.</summary>
    public bool Enabled => Key.Enabled && User?.Enabled != false && Team?.Enabled != false && Customer?.Enabled != false;

    /// <summary>The budgets that the key and the accounts above it name, each once, in the order of their ids.</summary>
    public IEnumerable<string> BudgetIds => Key.BudgetIds
        .Concat(User?.BudgetIds ?? [])
        .Concat(Team?.BudgetIds ?? [])
        .Concat(Customer?.BudgetIds ?? [])
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);
}
