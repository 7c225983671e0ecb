namespace Gateway.McpHub.Upstreams;

/// <summary>How a server does.</summary>
internal sealed record UpstreamStatus
{
    /// <summary>Its id.</summary>
    public required string Server { get; init; }

    /// <summary>Whether the last thing that was tried worked. Null when nothing was tried yet.</summary>
    public bool? IsHealthy { get; init; }

    /// <summary>Why it does not work.</summary>
    public string? Problem { get; init; }

    /// <summary>The revision of the protocol that is spoken with it, for example <c>2025-11-25</c>.</summary>
    public string? Version { get; init; }

    /// <summary>Name and version that it gives itself: the <c>serverInfo</c> object.</summary>
    public ReadOnlyMemory<byte> ServerInfo { get; init; }

    /// <summary>Open sessions.</summary>
    public int Sessions { get; init; }

    /// <summary>How often its process was started, or a session begun.</summary>
    public long Starts { get; init; }

    /// <summary>When something was last heard of it.</summary>
    public DateTimeOffset? LastHeard { get; init; }

    /// <summary>Names that it lists more than once: the first of each is used.</summary>
    public IReadOnlyList<string> DuplicateNames { get; init; } = [];
}
