using Gateway.Accounts;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The rate limits over a key.</summary>
internal sealed class KeyLimits(AccountLimits key, AccountLimits? team)
{
    /// <summary>The key's own.</summary>
    public AccountLimits Key { get; } = key;

    /// <summary>Its team's, or null when it has none.</summary>
    public AccountLimits? Team { get; } = team;
}

/// <summary>Builds the rate limits over keys.</summary>
internal sealed class KeyLimitsBuilder(RuntimeState state)
{
    public KeyLimits Build(KeyAccounts accounts) => new(
        state.Limits("key", accounts.Key.Id, accounts.Key.Limits),
        accounts.Team is { } team ? state.Limits("team", team.Id, team.Limits) : null);
}
