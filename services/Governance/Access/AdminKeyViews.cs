using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Access;

/// <summary>An admin key as the admin API takes it.</summary>
public record AdminKeyInput
{
    /// <summary>Unique id; made when left out.</summary>
    public string? Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary><c>owner</c>, <c>admin</c>, <c>teamAdmin</c>, <c>auditor</c>, <c>viewer</c> or <c>teamViewer</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Teams that <c>teamAdmin</c> or <c>teamViewer</c> is named for.</summary>
    public IReadOnlyList<string> TeamIds { get; init; } = [];

    /// <summary>Customers that <c>teamAdmin</c> or <c>teamViewer</c> is named for, with all their teams.</summary>
    public IReadOnlyList<string> CustomerIds { get; init; } = [];

    /// <summary>False for a blocked key. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>From when on the key is refused, or null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>An admin key as the admin API gives it: never with the key itself.</summary>
public record AdminKeyView : AdminKeyInput
{
    /// <summary>The start of the key, by which people recognise it.</summary>
    public required string Prefix { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts its changes; also the ETag.</summary>
    public long Version { get; init; }
}

/// <summary>An admin key that was just made or renewed.</summary>
public sealed record AdminKeyCreated : AdminKeyView
{
    /// <summary>The key itself. Shown here only: the gateway keeps its SHA-256 alone.</summary>
    public string? Key { get; init; }
}

/// <summary>A page of admin keys, in the order of their ids.</summary>
public sealed record AdminKeyPage
{
    /// <summary>The keys.</summary>
    public required IReadOnlyList<AdminKeyCreated> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>Who calls, and what he may do.</summary>
public sealed record SelfView
{
    /// <summary>Stable id of the caller.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>His role.</summary>
    public required string Role { get; init; }

    /// <summary>Teams he is named for.</summary>
    public required IReadOnlyList<string> TeamIds { get; init; }

    /// <summary>Customers he is named for.</summary>
    public required IReadOnlyList<string> CustomerIds { get; init; }

    /// <summary>His virtual key, when he called with one.</summary>
    public string? KeyId { get; init; }

    /// <summary>What he may do: by kind of thing the actions, each with how far it reaches.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Permissions { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AdminKeyInput))]
[JsonSerializable(typeof(AdminKeyCreated))]
[JsonSerializable(typeof(AdminKeyPage))]
[JsonSerializable(typeof(SelfView))]
internal sealed partial class AccessJson : JsonSerializerContext;
