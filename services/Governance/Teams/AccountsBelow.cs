using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Teams;

/// <summary>Checks that an account which moves to another place in the tree takes nothing with it that would then contradict it.</summary>
internal static class AccountsBelow
{
    private const int MostTold = 5;

    /// <summary>Checks the users and keys of a team that moves to another customer.</summary>
    public static void Check(TeamEntry team, ConfigState state, FieldErrors errors)
    {
        var tree = new AccountTree(
            id => state.Customers.GetValueOrDefault(id)?.Value,
            id => id == team.Id ? team : state.Teams.GetValueOrDefault(id)?.Value,
            id => state.Users.GetValueOrDefault(id)?.Value);
        var users = state.Users.Values.Select(static u => u.Value).Where(u => u.TeamId == team.Id).ToDictionary(static u => u.Id, StringComparer.Ordinal);
        var keys = Keys(state).Where(k => k.TeamId == team.Id || (k.UserId is { } user && users.ContainsKey(user)));
        Tell("customerId", users.Values.Select(u => Told("user", u.Id, tree.Problems(u))).Concat(keys.Select(k => Told("key", k.Id, tree.Problems(k)))), errors);
    }

    /// <summary>Checks the keys of a user who moves to another team or customer.</summary>
    public static void Check(UserEntry user, string field, ConfigState state, FieldErrors errors)
    {
        var tree = new AccountTree(
            id => state.Customers.GetValueOrDefault(id)?.Value,
            id => state.Teams.GetValueOrDefault(id)?.Value,
            id => id == user.Id ? user : state.Users.GetValueOrDefault(id)?.Value);
        Tell(field, Keys(state).Where(k => k.UserId == user.Id).Select(k => Told("key", k.Id, tree.Problems(k))), errors);
    }

    private static IEnumerable<VirtualKeyEntry> Keys(ConfigState state) => state.Keys.Values.Select(static k => k.Value.Entry);

    private static string? Told(string kind, string id, IEnumerable<AccountProblem> problems)
        => problems.Select(p => $"{kind} '{id}': {p.Field} {p.Message}").FirstOrDefault();

    private static void Tell(string field, IEnumerable<string?> problems, FieldErrors errors)
    {
        foreach (var problem in problems.OfType<string>().Take(MostTold))
        {
            errors.Add(field, $"contradicts what belongs to it: {problem}");
        }
    }
}
