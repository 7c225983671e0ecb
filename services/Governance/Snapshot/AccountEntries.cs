using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Snapshot;

/// <summary>
/// The accounts of a snapshot. One that does not fit into the tree, which the admin API never lets happen, is left out with everything that names it, and told: a key
/// whose owner is not known must open nothing.
/// </summary>
internal sealed record AccountEntries(IReadOnlyList<CustomerEntry> Customers, IReadOnlyList<TeamEntry> Teams, IReadOnlyList<UserEntry> Users, IReadOnlyList<VirtualKeyEntry> Keys)
{
    /// <summary>The accounts of a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="last">What was made of an earlier state, whose keys need no second look when the accounts above them are the same; null for none.</param>
    /// <param name="faults">Takes what was left out.</param>
    public static AccountEntries Of(ConfigState state, (ConfigState State, AccountEntries Accounts)? last, List<string> faults)
    {
        if (last is { } known
            && ReferenceEquals(known.State.Customers, state.Customers) && ReferenceEquals(known.State.Teams, state.Teams) && ReferenceEquals(known.State.Users, state.Users)
            && known.Accounts.Teams.Count == state.Teams.Count && known.Accounts.Users.Count == state.Users.Count)
        {
            var above = state.Accounts;
            return known.Accounts with { Keys = KeysOf(state, known.Accounts.Keys, above, faults) };
        }

        var customers = state.Customers.Values.Select(static c => c.Value).ToDictionary(static c => c.Id, StringComparer.Ordinal);
        var teams = new Dictionary<string, TeamEntry>(StringComparer.Ordinal);
        var users = new Dictionary<string, UserEntry>(StringComparer.Ordinal);
        var tree = new AccountTree(customers.GetValueOrDefault, teams.GetValueOrDefault, users.GetValueOrDefault);
        foreach (var team in state.Teams.Values.Select(static t => t.Value).Where(t => Fits("team", t.Id, tree.Problems(t), faults)))
        {
            teams.Add(team.Id, team);
        }

        foreach (var user in state.Users.Values.Select(static u => u.Value).Where(u => Fits("user", u.Id, tree.Problems(u), faults)))
        {
            users.Add(user.Id, user);
        }

        return new AccountEntries(
            [.. customers.Values],
            [.. teams.Values],
            [.. users.Values],
            KeysOf(state, [], tree, faults));
    }

    private static List<VirtualKeyEntry> KeysOf(ConfigState state, IReadOnlyList<VirtualKeyEntry> known, AccountTree tree, List<string> faults)
    {
        var keys = new List<VirtualKeyEntry>(state.Keys.Count);
        var at = 0;
        foreach (var (_, stored) in state.Keys)
        {
            // Both are in the order of the ids.
            var key = stored.Value.Entry;
            while (at < known.Count && !ReferenceEquals(known[at], key) && string.CompareOrdinal(known[at].Id, key.Id) < 0)
            {
                at++;
            }

            if ((at < known.Count && ReferenceEquals(known[at], key)) || Fits("key", key.Id, tree.Problems(key), faults))
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    private static bool Fits(string kind, string id, IEnumerable<AccountProblem> problems, List<string> faults)
    {
        var fits = true;
        foreach (var problem in problems)
        {
            fits = false;
            faults.Add($"The {kind} '{id}' does not fit into the accounts: {problem.Field} {problem.Message}");
        }

        return fits;
    }
}
