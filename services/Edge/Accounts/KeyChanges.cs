using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>Which keys differ between two configurations: those that changed themselves, and those over which something changed that they were built from.</summary>
/// <param name="Before">Entries whose keys go.</param>
/// <param name="After">Entries whose keys are to be built.</param>
internal sealed record KeyChanges(IReadOnlyList<VirtualKeyEntry> Before, IReadOnlyList<VirtualKeyEntry> After)
{
    /// <summary>What differs.</summary>
    /// <param name="before">The keys in force.</param>
    /// <param name="snapshot">The configuration to come.</param>
    /// <param name="budgets">Its budgets.</param>
    public static KeyChanges Between(KeyModel before, GatewaySnapshot snapshot, KeyBudgetsBuilder budgets)
    {
        var keys = EntryChanges<VirtualKeyEntry>.Between(before.Snapshot.Keys, snapshot.Keys);
        var over = new Above(before.Snapshot, snapshot, budgets.Restructured(before.Budgets));
        if (over.IsNothing)
        {
            return new KeyChanges(keys.Before, keys.After);
        }

        var changed = keys.After.ToHashSet(ReferenceEqualityComparer.Instance);
        var touched = snapshot.Keys.Where(k => !changed.Contains(k) && before.Table.Find(k.Id.AsSpan()) is { } built && over.Touches(k, built.Identity)).ToList();
        return new KeyChanges([.. keys.Before, .. touched], [.. keys.After, .. touched]);
    }

    /// <summary>What changed over keys.</summary>
    private sealed class Above
    {
        private readonly HashSet<string> _users;
        private readonly HashSet<string> _teams;
        private readonly HashSet<string> _customers;
        private readonly HashSet<string> _budgets;
        private readonly List<AccountScope> _scopes;

        public Above(GatewaySnapshot before, GatewaySnapshot after, IReadOnlyList<BudgetEntry> budgets)
        {
            _users = EntryChanges<UserEntry>.Between(before.Users, after.Users).Ids(static u => u.Id);
            _teams = EntryChanges<TeamEntry>.Between(before.Teams, after.Teams).Ids(static t => t.Id);
            _customers = EntryChanges<CustomerEntry>.Between(before.Customers, after.Customers).Ids(static c => c.Id);
            _budgets = [.. budgets.Select(static b => b.Id)];
            _scopes = [.. budgets.Select(static b => b.Scope).OfType<AccountScope>()];
            if (_budgets.Count > 0)
            {
                _users.UnionWith(after.Users.Where(u => Names(u.BudgetIds)).Select(static u => u.Id));
                _teams.UnionWith(after.Teams.Where(t => Names(t.BudgetIds)).Select(static t => t.Id));
                _customers.UnionWith(after.Customers.Where(c => Names(c.BudgetIds)).Select(static c => c.Id));
            }
        }

        public bool IsNothing => _users.Count == 0 && _teams.Count == 0 && _customers.Count == 0 && _budgets.Count == 0;

        public bool Touches(VirtualKeyEntry key, KeyIdentity identity) =>
            _users.Contains(identity.UserId) || _teams.Contains(identity.TeamId) || _customers.Contains(identity.CustomerId)
            || (_budgets.Count > 0 && (Names(key.BudgetIds) || _scopes.Exists(s => AccountScopes.FitsAccounts(s, identity.CustomerId, identity.TeamId, identity.UserId, identity.Id))));

        private bool Names(IReadOnlyList<string> ids)
        {
            for (var i = 0; i < ids.Count; i++)
            {
                if (_budgets.Contains(ids[i]))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
