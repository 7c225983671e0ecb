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
    public static AccountEntries Of(ConfigState state, List<string> faults)
    {
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
            [.. state.Keys.Values.Select(static k => k.Value.Entry).Where(k => Fits("key", k.Id, tree.Problems(k), faults))]);
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
