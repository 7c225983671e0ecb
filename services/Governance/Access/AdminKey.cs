namespace Gateway.Governance.Access;

/// <summary>An admin key as stored: by its SHA-256, never by value.</summary>
internal sealed record AdminKey
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required Role Role { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>The start of the key, by which people recognise it; empty for the bootstrap key.</summary>
    public string Prefix { get; init; } = "";

    public IReadOnlyList<string> TeamIds { get; init; } = [];

    public IReadOnlyList<string> CustomerIds { get; init; } = [];

    public bool Enabled { get; init; } = true;

    public DateTimeOffset? ExpiresAt { get; init; }

    public string CreatedBy { get; init; } = "system";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public long Version { get; init; } = 1;

    /// <summary>An owner whom time does not take away.</summary>
    public bool IsLastingOwner => Role == Role.Owner && Enabled && ExpiresAt is null;

    public Actor ToActor() => new() { Id = $"admin-key:{Id}", Name = Name, Role = Role, TeamIds = TeamIds, CustomerIds = CustomerIds };
}
