namespace Gateway.Governance.Entries;

/// <summary>A row of <c>config_entries</c>. A deleted entry leaves its row behind, without its body, so that readers learn of it.</summary>
internal sealed class EntryRow
{
    public required string Kind { get; init; }

    public required string Id { get; init; }

    /// <summary>Configuration version of the last change; the entry's ETag.</summary>
    public long Version { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long UpdatedAt { get; init; }

    public int Deleted { get; init; }

    public required string Body { get; init; }
}

/// <summary>An entry as stored, with what the store knows about it.</summary>
internal sealed record Stored<T>(T Value, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);
