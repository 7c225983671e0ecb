using Gateway.Contracts.Configuration;

namespace Gateway.Accounts;

/// <summary>
/// The rules of the hierarchy customer, team, user, key. Each level is optional; what an account leaves out it inherits from the one it belongs to, and what it
/// names must not contradict what it would inherit.
/// </summary>
/// <param name="customer">Finds a customer by its id.</param>
/// <param name="team">Finds a team by its id.</param>
/// <param name="user">Finds a user by its id.</param>
public sealed class AccountTree(Func<string, CustomerEntry?> customer, Func<string, TeamEntry?> team, Func<string, UserEntry?> user)
{
    /// <summary>The tree of a snapshot's accounts.</summary>
    public static AccountTree Of(GatewaySnapshot snapshot)
    {
        var customers = First(snapshot.Customers, static c => c.Id);
        var teams = First(snapshot.Teams, static t => t.Id);
        var users = First(snapshot.Users, static u => u.Id);
        return new AccountTree(customers.GetValueOrDefault, teams.GetValueOrDefault, users.GetValueOrDefault);
    }

    /// <summary>What is wrong with where a team stands.</summary>
    public IEnumerable<AccountProblem> Problems(TeamEntry entry)
    {
        if (entry.CustomerId is { } id && customer(id) is null)
        {
            yield return Missing("customer", id);
        }
    }

    /// <summary>What is wrong with where a user stands.</summary>
    public IEnumerable<AccountProblem> Problems(UserEntry entry)
    {
        var over = Find(entry.TeamId, team);
        if (entry.TeamId is { } teamId && over is null)
        {
            yield return Missing("team", teamId);
        }

        if (entry.CustomerId is { } id)
        {
            if (customer(id) is null)
            {
                yield return Missing("customer", id);
            }
            else if (over?.CustomerId is { } inherited && inherited != id)
            {
                yield return Contradiction("customer", id, $"the team '{over.Id}' belongs to '{inherited}'");
            }
        }
    }

    /// <summary>What is wrong with where a key stands.</summary>
    public IEnumerable<AccountProblem> Problems(VirtualKeyEntry entry)
    {
        var owner = Find(entry.UserId, user);
        if (entry.UserId is { } userId && owner is null)
        {
            yield return Missing("user", userId);
        }

        var over = Find(TeamOf(entry, owner), team);
        if (entry.TeamId is { } teamId)
        {
            if (over is null)
            {
                yield return Missing("team", teamId);
            }
            else if (owner?.TeamId is { } inherited && inherited != teamId)
            {
                // What follows from it for the customer would only say the same again.
                yield return Contradiction("team", teamId, $"the user '{owner.Id}' belongs to '{inherited}'");
                yield break;
            }
        }

        var ownerCustomer = owner is null ? null : CustomerOf(owner);
        if (entry.CustomerId is { } id)
        {
            if (customer(id) is null)
            {
                yield return Missing("customer", id);
            }
            else if (over?.CustomerId is { } teams && teams != id)
            {
                yield return Contradiction("customer", id, $"the team '{over.Id}' belongs to '{teams}'");
            }
            else if (ownerCustomer is not null && ownerCustomer != id)
            {
                yield return Contradiction("customer", id, $"the user '{owner!.Id}' belongs to '{ownerCustomer}'");
            }
        }
        else if (over?.CustomerId is { } teams && ownerCustomer is not null && ownerCustomer != teams)
        {
            yield return new AccountProblem("teamId", $"names '{over.Id}' of the customer '{teams}', but the user '{owner!.Id}' belongs to the customer '{ownerCustomer}'.");
        }
    }

    /// <summary>The accounts above a key that has no <see cref="Problems(VirtualKeyEntry)"/>.</summary>
    public KeyAccounts Resolve(VirtualKeyEntry entry)
    {
        var owner = Find(entry.UserId, user);
        var over = Find(TeamOf(entry, owner), team);
        return new KeyAccounts(entry, owner, over, Find(entry.CustomerId ?? over?.CustomerId ?? owner?.CustomerId, customer));
    }

    /// <summary>Id of the customer that a user belongs to, inherited or not; null for none.</summary>
    public string? CustomerOf(UserEntry entry) => entry.CustomerId ?? Find(entry.TeamId, team)?.CustomerId;

    /// <summary>Accounts by id; of those with the same id the first.</summary>
    private static Dictionary<string, T> First<T>(IReadOnlyList<T> entries, Func<T, string> id)
    {
        var result = new Dictionary<string, T>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            result.TryAdd(id(entry), entry);
        }

        return result;
    }

    private static string? TeamOf(VirtualKeyEntry entry, UserEntry? owner) => entry.TeamId ?? owner?.TeamId;

    private static T? Find<T>(string? id, Func<string, T?> find)
        where T : class
        => id is null ? null : find(id);

    private static AccountProblem Missing(string kind, string id) => new(kind + "Id", $"names no {kind}: there is no '{id}'.");

    private static AccountProblem Contradiction(string kind, string id, string inherited) => new(kind + "Id", $"is '{id}', but {inherited}; leave it out or make both the same.");
}
