using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Access;

/// <summary>
/// Whose usage the current actor sees. Who does not reach all of it asks about one team, customer or key that he reaches: that one is put into his question, so that the
/// aggregates which answer it hold nothing else.
/// </summary>
internal sealed class UsageReach(ICurrentActor actors)
{
    /// <summary>The filters of a report, limited to what the actor reaches; or why he may not ask this.</summary>
    public (IReadOnlyDictionary<UsageDimension, string> Filters, Problem? Refused) Limit(IReadOnlyDictionary<UsageDimension, string> filters, ConfigState state)
    {
        var (limit, refused) = Decide(filters.GetValueOrDefault(UsageDimension.Key), filters.GetValueOrDefault(UsageDimension.Team), filters.GetValueOrDefault(UsageDimension.Customer), state);
        return limit is { } only && !filters.ContainsKey(only.By) ? (new Dictionary<UsageDimension, string>(filters) { [only.By] = only.Id }, refused) : (filters, refused);
    }

    /// <summary>The same for a search of records.</summary>
    public (UsageRecordFilter Filter, Problem? Refused) Limit(UsageRecordFilter filter, ConfigState state)
    {
        var (limit, refused) = Decide(filter.Key, filter.Team, filter.Customer, state);
        return (limit?.By switch
        {
            UsageDimension.Key => filter with { Key = limit.Value.Id },
            UsageDimension.Team => filter with { Team = limit.Value.Id },
            UsageDimension.Customer => filter with { Customer = limit.Value.Id },
            _ => filter,
        }, refused);
    }

    /// <summary>Whether the actor sees a record.</summary>
    public bool Covers(string key, string team, string customer, ConfigState state)
    {
        var actor = actors.Current;
        return PermissionTable.Of(actor.Role, "usage", AccessAction.List) switch
        {
            Reach.All => true,
            Reach.Own => key == actor.KeyId,
            Reach.Within => ReachesTeam(actor, team, state) || actor.CustomerIds.Contains(customer),
            _ => false,
        };
    }

    private ((UsageDimension By, string Id)? Limit, Problem? Refused) Decide(string? key, string? team, string? customer, ConfigState state)
    {
        var actor = actors.Current;
        switch (PermissionTable.Of(actor.Role, "usage", AccessAction.List))
        {
            case Reach.All:
                return (null, null);
            case Reach.Own:
                return key is null || key == actor.KeyId ? ((UsageDimension.Key, actor.KeyId ?? ""), null) : (null, Outside());
            case Reach.Within when team is not null:
                return ReachesTeam(actor, team, state) ? ((UsageDimension.Team, team), null) : (null, Outside());
            case Reach.Within when customer is not null:
                return actor.CustomerIds.Contains(customer) ? ((UsageDimension.Customer, customer), null) : (null, Outside());
            case Reach.Within when actor is { TeamIds: [var only], CustomerIds: [] }:
                return ((UsageDimension.Team, only), null);
            case Reach.Within when actor is { TeamIds: [], CustomerIds: [var only] }:
                return ((UsageDimension.Customer, only), null);
            case Reach.Within:
                return (null, Problem.Invalid(
                    [new FieldError("team", $"or customer is required, because you see several: {string.Join(", ", actor.TeamIds.Concat(actor.CustomerIds))}.")]));
            default:
                return (null, Outside());
        }
    }

    private static bool ReachesTeam(Actor actor, string team, ConfigState state) => actor.TeamIds.Contains(team) || Places.OfTeam(actor, team, state) != Reach.None;

    // The same whether there is such an account or not.
    private static Problem Outside() => AccessProblems.Forbidden("You do not see the usage of this account, or there is none of that name.");
}
