using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Access;

/// <summary>The permission table where entries are listed and written: nobody is shown, and nobody makes, what he does not reach.</summary>
internal sealed class AccessGuard(ICurrentActor actors)
{
    /// <summary>Says of entries of a kind whether the current actor may see them.</summary>
    public Func<object, bool> Sees(string kind, ConfigState state)
    {
        var actor = actors.Current;
        var reach = PermissionTable.Of(actor.Role, kind, AccessAction.List);
        return reach == Reach.All ? static _ => true : entry => Places.Covers(reach, actor, entry, state);
    }

    /// <summary>Says of entries of a kind whether the current actor may do something to them.</summary>
    public Func<object, bool> Reaches(string kind, AccessAction action, ConfigState state)
    {
        var actor = actors.Current;
        var reach = PermissionTable.Of(actor.Role, kind, action);
        return entry => Places.Covers(reach, actor, entry, state);
    }

    /// <summary>True when the current actor may do it to every entry of the kind.</summary>
    public bool ReachesAll(string kind, AccessAction action) => PermissionTable.Of(actors.Current.Role, kind, action) == Reach.All;

    /// <summary>
    /// Decides on a write in the transaction that makes it: before and after, the entry must lie where the actor reaches.
    /// </summary>
    /// <param name="kind">Kind of entry.</param>
    /// <param name="action">What is done.</param>
    /// <param name="before">The entry as it is; null when it is created.</param>
    /// <param name="after">The entry as it shall be; null when it is deleted.</param>
    /// <param name="state">The state before.</param>
    /// <returns>Why it is refused, or null.</returns>
    public Problem? Refuse(string kind, AccessAction action, object? before, object? after, ConfigState state)
    {
        var actor = actors.Current;
        var reach = PermissionTable.Of(actor.Role, kind, action);
        if (reach == Reach.All)
        {
            return null;
        }

        if (reach == Reach.None || (before is not null && !Places.Covers(reach, actor, before, state)))
        {
            return AccessProblems.Forbidden(actor, kind, action);
        }

        if (after is not null && !Places.Covers(reach, actor, after, state))
        {
            return AccessProblems.OutOfReach(actor, kind);
        }

        var kept = Budgets(after).ToHashSet(StringComparer.Ordinal);
        var lost = after is null ? null : Budgets(before).FirstOrDefault(b => !kept.Contains(b) && !Manages(actor, b, state));
        return lost is null ? null : AccessProblems.Forbidden($"The budget '{lost}' stands over more than you manage and cannot be taken away by you.");
    }

    /// <summary>Treats what the actor does not see as if it were not there, in the words of an unknown reference: he must not learn that it is.</summary>
    public void CheckReferences(object? before, object after, ConfigState state, FieldErrors errors)
    {
        var actor = actors.Current;
        if (!actor.Role.IsScoped())
        {
            return;
        }

        var (user, team, customer) = Parents(after);
        if (user is not null && state.Users.ContainsKey(user) && Places.OfUser(actor, user, state) == Reach.None)
        {
            errors.Add("userId", $"names no user: there is no '{user}'.");
        }

        if (team is not null && state.Teams.ContainsKey(team) && Places.OfTeam(actor, team, state) == Reach.None)
        {
            errors.Add("teamId", $"names no team: there is no '{team}'.");
        }

        if (customer is not null && state.Customers.ContainsKey(customer) && Parents(before).Customer != customer && Places.OfCustomer(actor, customer) == Reach.None)
        {
            errors.Add("customerId", $"names no customer: there is no '{customer}'.");
        }

        if (after is BudgetEntry { Scope: { } scope })
        {
            CheckScope(actor, scope, state, errors);
        }

        var had = Budgets(before).ToHashSet(StringComparer.Ordinal);
        var budgets = Budgets(after);
        for (var i = 0; i < budgets.Count; i++)
        {
            if (!had.Contains(budgets[i]) && state.Budgets.TryGetValue(budgets[i], out var budget) && Places.Of(actor, budget.Value, state) == Reach.None)
            {
                errors.Add($"budgetIds[{i}]", $"names no budget: there is no '{budgets[i]}'.");
            }
        }
    }

    private static void CheckScope(Actor actor, AccountScope scope, ConfigState state, FieldErrors errors)
    {
        foreach (var (kind, id) in (IEnumerable<(string, string?)>)
            [(EntryKinds.Customer, scope.CustomerId), (EntryKinds.User, scope.UserId), (EntryKinds.Team, scope.TeamId), (EntryKinds.Key, scope.KeyId)])
        {
            if (id is not null && Places.Find(kind, id, state) is { } entry && Places.Of(actor, entry, state) == Reach.None)
            {
                errors.Add($"scope.{kind}Id", $"names no {kind}: there is no '{id}'.");
            }
        }
    }

    private static bool Manages(Actor actor, string budget, ConfigState state)
        => !state.Budgets.TryGetValue(budget, out var stored) || Places.Of(actor, stored.Value, state) == Reach.Below;

    private static (string? User, string? Team, string? Customer) Parents(object? entry) => entry switch
    {
        StoredKey key => (key.Entry.UserId, key.Entry.TeamId, key.Entry.CustomerId),
        UserEntry user => (null, user.TeamId, user.CustomerId),
        TeamEntry team => (null, null, team.CustomerId),
        _ => (null, null, null),
    };

    private static IReadOnlyList<string> Budgets(object? entry) => entry switch
    {
        StoredKey key => key.Entry.BudgetIds,
        UserEntry user => user.BudgetIds,
        TeamEntry team => team.BudgetIds,
        _ => [],
    };
}
