using Gateway.Accounts;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Keys;

/// <summary>Selects virtual keys: every member that is given must fit.</summary>
public sealed record KeyFilter
{
    /// <summary>Part of the name, id or prefix, in any case.</summary>
    public string? Q { get; init; }

    /// <summary>Team, the key's own or its user's.</summary>
    public string? TeamId { get; init; }

    /// <summary>User.</summary>
    public string? UserId { get; init; }

    /// <summary>Customer, the key's own or inherited.</summary>
    public string? CustomerId { get; init; }

    /// <summary>One of the tags.</summary>
    public string? Tag { get; init; }

    /// <summary>False: blocked keys only; true: the others.</summary>
    public bool? Enabled { get; init; }

    /// <summary>True: keys that have expired; false: the others.</summary>
    public bool? Expired { get; init; }

    /// <summary>Keys that have not expired yet and will before this moment.</summary>
    public DateTimeOffset? ExpiringBefore { get; init; }

    internal static KeyFilter Read(ObjectReader reader)
    {
        var filter = new KeyFilter
        {
            Q = Text(reader, "q"),
            TeamId = Text(reader, "teamId"),
            UserId = Text(reader, "userId"),
            CustomerId = Text(reader, "customerId"),
            Tag = Text(reader, "tag"),
            Enabled = reader.Has("enabled") ? reader.Boolean("enabled", false) : Known(reader, "enabled"),
            Expired = reader.Has("expired") ? reader.Boolean("expired", false) : Known(reader, "expired"),
            ExpiringBefore = reader.Instant("expiringBefore"),
        };
        reader.Close();
        return filter;
    }

    /// <summary>What the filter says of the keys of one state.</summary>
    internal Func<StoredKey, bool> Over(ConfigState state, DateTimeOffset now)
    {
        var tree = state.Accounts;
        return key => Matches(key, tree, now);
    }

    private bool Matches(StoredKey key, AccountTree tree, DateTimeOffset now)
    {
        var entry = key.Entry;
        if ((Enabled is { } enabled && entry.Enabled != enabled)
            || (Expired is { } expired && entry.ExpiresAt <= now != expired)
            || (ExpiringBefore is { } before && !(entry.ExpiresAt > now && entry.ExpiresAt < before))
            || (UserId is { } user && entry.UserId != user)
            || (Tag is { } tag && !entry.Tags.Contains(tag))
            || (Q is { } q && !Contains(entry.Name, q) && !Contains(entry.Id, q) && !Contains(key.Prefix, q)))
        {
            return false;
        }

        if (TeamId is null && CustomerId is null)
        {
            return true;
        }

        var accounts = tree.Resolve(entry);
        return (TeamId is null || (accounts.Team?.Id ?? entry.TeamId) == TeamId) && (CustomerId is null || (accounts.Customer?.Id ?? entry.CustomerId) == CustomerId);
    }

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static string? Text(ObjectReader reader, string name) => reader.Text(name, required: false, Formats.NameLength) is { Length: > 0 } text ? text : null;

    // Asked for all the same, so that the reader knows the name for a legal one.
    private static bool? Known(ObjectReader reader, string name)
    {
        _ = reader.Boolean(name, false);
        return null;
    }
}
