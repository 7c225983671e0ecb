using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Access;

/// <summary>How an entry lies to an actor: his own, below or within what he is named for, or nowhere he reaches.</summary>
internal static class Places
{
    /// <summary>The kinds whose entries lie in accounts; all others belong to everybody.</summary>
    private static readonly HashSet<string> PlacedKinds = new(StringComparer.Ordinal)
    {
        EntryKinds.Customer, EntryKinds.Team, EntryKinds.User, EntryKinds.Key, EntryKinds.Budget,
    };

    // Who names which budget: looked up for every budget of a list, so made once for each state.
    private static readonly ConditionalWeakTable<ConfigState, ILookup<string, object>> Namers = [];

    /// <summary>True for kinds of which actors may reach some and not others.</summary>
    public static bool IsPlaced(string kind) => PlacedKinds.Contains(kind);

    /// <summary>Whether an actor who reaches as far as <paramref name="reach"/> reaches an entry.</summary>
    public static bool Covers(Reach reach, Actor actor, object entry, ConfigState state) => reach switch
    {
        Reach.All => true,
        Reach.None => false,
        Reach.Own => entry is StoredKey key && key.Entry.Id == actor.KeyId,
        _ => Of(actor, entry, state) is var place && place != Reach.None && place <= reach,
    };

    /// <summary>The entry of a kind that lies in accounts, or null when there is none of that id.</summary>
    public static object? Find(string kind, string id, ConfigState state) => kind switch
    {
        EntryKinds.Key => state.Keys.TryGetValue(id, out var key) ? key.Value : null,
        EntryKinds.Customer => state.Customers.TryGetValue(id, out var customer) ? customer.Value : null,
        EntryKinds.User => state.Users.TryGetValue(id, out var user) ? user.Value : null,
        EntryKinds.Team => state.Teams.TryGetValue(id, out var team) ? team.Value : null,
        EntryKinds.Budget => state.Budgets.TryGetValue(id, out var budget) ? budget.Value : null,
        _ => null,
    };

    /// <summary><see cref="Reach.Below"/>, <see cref="Reach.Within"/> for what the actor is named for itself, or <see cref="Reach.None"/>.</summary>
    public static Reach Of(Actor actor, object entry, ConfigState state) => entry switch
    {
        StoredKey key => OfKey(actor, key.Entry, state),
        UserEntry user => OfUser(actor, user, state),
        TeamEntry team => OfTeam(actor, team),
        CustomerEntry customer => OfCustomer(actor, customer.Id),
        BudgetEntry budget => OfBudget(actor, budget, state),
        _ => Reach.None,
    };

    /// <summary>The place of a team by its id.</summary>
    public static Reach OfTeam(Actor actor, string? id, ConfigState state)
        => id is not null && state.Teams.TryGetValue(id, out var team) ? OfTeam(actor, team.Value) : Reach.None;

    /// <summary>The place of a customer by its id.</summary>
    public static Reach OfCustomer(Actor actor, string? id) => id is not null && actor.CustomerIds.Contains(id) ? Reach.Within : Reach.None;

    /// <summary>The place of a user by its id.</summary>
    public static Reach OfUser(Actor actor, string? id, ConfigState state)
        => id is not null && state.Users.TryGetValue(id, out var user) ? OfUser(actor, user.Value, state) : Reach.None;

    // What belongs to a team or customer lies below it, also where it belongs there through its user only.
    private static Reach OfKey(Actor actor, VirtualKeyEntry key, ConfigState state)
        => OfTeam(actor, key.TeamId, state) != Reach.None || OfCustomer(actor, key.CustomerId) != Reach.None ? Reach.Below
            : key.TeamId is null && OfUser(actor, key.UserId, state) != Reach.None ? Reach.Below
            : Reach.None;

    private static Reach OfUser(Actor actor, UserEntry user, ConfigState state)
        => OfTeam(actor, user.TeamId, state) != Reach.None || OfCustomer(actor, user.CustomerId) != Reach.None ? Reach.Below : Reach.None;

    private static Reach OfTeam(Actor actor, TeamEntry team)
        => OfCustomer(actor, team.CustomerId) != Reach.None ? Reach.Below
            : actor.TeamIds.Contains(team.Id) ? Reach.Within
            : Reach.None;

    /// <summary>A budget lies where all that it stands over lies: it may be seen only by who reaches all of that, because its figures are sums over it.</summary>
    private static Reach OfBudget(Actor actor, BudgetEntry budget, ConfigState state)
    {
        var over = new List<Reach>();
        if (budget.Scope is { } scope)
        {
            over.Add(OfScope(actor, scope, state));
        }

        over.AddRange(Namers.GetValue(state, NamersOf)[budget.Id].Select(namer => Of(actor, namer, state)));
        return over.Count == 0 || over.Contains(Reach.None) ? Reach.None : over.Max();
    }

    private static ILookup<string, object> NamersOf(ConfigState state)
        => state.Keys.Values.SelectMany(k => k.Value.Entry.BudgetIds.Select(b => (Budget: b, Namer: (object)k.Value)))
            .Concat(state.Teams.Values.SelectMany(t => t.Value.BudgetIds.Select(b => (Budget: b, Namer: (object)t.Value))))
            .Concat(state.Users.Values.SelectMany(u => u.Value.BudgetIds.Select(b => (Budget: b, Namer: (object)u.Value))))
            .Concat(state.Customers.Values.SelectMany(c => c.Value.BudgetIds.Select(b => (Budget: b, Namer: (object)c.Value))))
            .ToLookup(n => n.Budget, n => n.Namer, StringComparer.Ordinal);

    // Every member narrows the scope, so one that lies in reach is enough.
    private static Reach OfScope(Actor actor, AccountScope scope, ConfigState state)
    {
        Reach[] members =
        [
            scope.KeyId is { } key && state.Keys.TryGetValue(key, out var stored) ? Of(actor, stored.Value, state) : Reach.None,
            OfUser(actor, scope.UserId, state),
            OfTeam(actor, scope.TeamId, state),
            OfCustomer(actor, scope.CustomerId),
        ];
        return members.Where(m => m != Reach.None).DefaultIfEmpty(Reach.None).Min();
    }
}
