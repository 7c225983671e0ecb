using Dapper;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Access;

/// <summary>Whose usage an actor sees, as a condition on rows that have <c>key_id</c> and <c>team_id</c>.</summary>
internal sealed record UsageReach
{
    private IReadOnlyList<string>? _teams;
    private IReadOnlyList<string> _keys = [];

    private UsageReach()
    {
    }

    /// <summary>Everybody's.</summary>
    public static UsageReach Everything { get; } = new();

    /// <summary>The condition; always true for who sees everything.</summary>
    public string Condition => _teams is null ? "1 = 1" : $"({In("team_id", "reachTeam", _teams)} OR {In("key_id", "reachKey", _keys)})";

    /// <summary>What an actor sees: usage of the teams he reaches, and of keys that lie in his customers without a team.</summary>
    public static UsageReach Of(Actor actor, ConfigState state) => PermissionTable.Of(actor.Role, "usage", AccessAction.List) switch
    {
        Reach.All => Everything,
        Reach.Own => new UsageReach { _teams = [], _keys = [actor.KeyId ?? ""] },
        Reach.Within => new UsageReach
        {
            _teams = [.. actor.TeamIds.Concat(state.Teams.Values.Where(t => Places.Of(actor, t.Value, state) != Reach.None).Select(t => t.Value.Id)).Distinct(StringComparer.Ordinal)],
            _keys = [.. state.Keys.Values.Where(k => k.Value.Entry.TeamId is null && Places.Of(actor, k.Value, state) != Reach.None).Select(k => k.Value.Entry.Id)],
        },
        _ => new UsageReach { _teams = [], _keys = [] },
    };

    /// <summary>A query's parameters with those of the condition.</summary>
    public object With(object parameters)
    {
        if (_teams is null)
        {
            return parameters;
        }

        var all = new DynamicParameters(parameters);
        Add(all, "reachTeam", _teams);
        Add(all, "reachKey", _keys);
        return all;
    }

    // One parameter each: of a list, the two engines make different things.
    private static string In(string column, string name, IReadOnlyList<string> ids)
        => ids.Count == 0 ? "1 = 0" : $"{column} IN ({string.Join(", ", ids.Select((_, i) => $"@{name}{i}"))})";

    private static void Add(DynamicParameters all, string name, IReadOnlyList<string> ids)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            all.Add($"{name}{i}", ids[i]);
        }
    }
}
