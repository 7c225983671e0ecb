using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Callers;

/// <summary>Makes, of a virtual key, that of one caller: the same policies with the caller's own place among the accounts.</summary>
internal sealed class DerivedKeys(GatewaySnapshot snapshot, AccountTree tree, LimitSetBuilder limits, KeyBudgetsBuilder budgets, KeyStandings standings)
{
    // Only when somebody comes with a token: most configurations have no issuer.
    private readonly Lazy<Dictionary<string, VirtualKeyEntry>> _keys = new(() => First(snapshot.Keys, static k => k.Id));
    private readonly Lazy<Dictionary<string, UserEntry>> _users = new(() => First(snapshot.Users, static u => u.Id));

    public bool Has(string keyId) => _keys.Value.ContainsKey(keyId);

    /// <summary>The key of a caller.</summary>
    /// <param name="keyId">The virtual key whose policies he has.</param>
    /// <param name="user">His id; he need not be among the users of the configuration.</param>
    /// <param name="team">His team, or null for the key's.</param>
    /// <param name="customer">His customer, or null for the key's or team's.</param>
    /// <param name="tags">Tags besides those of the key.</param>
    /// <param name="until">From when on he has to identify himself anew.</param>
    /// <param name="issuer">Who says so: without it his requests under way end, by the key's policy.</param>
    /// <returns>Null when there is no such key, or he does not fit into the accounts.</returns>
    public KeyRuntime? Make(string keyId, string user, string? team, string? customer, IReadOnlyList<string> tags, DateTimeOffset until, string issuer)
    {
        if (!_keys.Value.TryGetValue(keyId, out var template) || !KeyHash.TryParse(template.Sha256, out var hash))
        {
            return null;
        }

        _users.Value.TryGetValue(user, out var known);
        var entry = template with
        {
            UserId = known?.Id,
            TeamId = team ?? (known?.TeamId is null ? template.TeamId : null),
            CustomerId = customer ?? (team is null && known is null ? template.CustomerId : null),
            Tags = tags.Count == 0 ? template.Tags : [.. template.Tags.Concat(tags).Distinct(StringComparer.Ordinal)],
            ExpiresAt = template.ExpiresAt is { } end && end < until ? end : until,
        };
        if (tree.Problems(entry).Any())
        {
            return null;
        }

        var errors = new List<string>();
        var accounts = tree.Resolve(entry);
        var named = known is null && user.Length > 0 ? accounts with { User = new UserEntry { Id = user, Name = user, TeamId = accounts.Team?.Id } } : accounts;

        // Limits without the user whom only the token knows: such users are without number, and have no limits of their own.
        var key = new KeyRuntime(new KeyIdentity(named), KeyAccessBuilder.Build(entry, errors), limits.Build(accounts, errors, isShared: true), budgets.Build(named, errors), standings.Of(hash.Value, issuer, template.OnRevoke), entry.ExpiresAt);
        return errors.Count == 0 ? key : null;
    }

    private static Dictionary<string, T> First<T>(IReadOnlyList<T> entries, Func<T, string> id)
    {
        var result = new Dictionary<string, T>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            result.TryAdd(id(entry), entry);
        }

        return result;
    }
}
