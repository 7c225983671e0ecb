namespace Gateway.Governance.Api;

/// <summary>An entry as the admin API gives it: the fields of <typeparamref name="T"/> and those below, in one object. Describes the answer in the OpenAPI document.</summary>
internal sealed record Resource<T>
{
    /// <summary>Where the entry comes from: <c>stored</c>, <c>built-in</c>, <c>environment</c> or <c>ollama</c>. Only stored entries can be changed.</summary>
    public required string Source { get; init; }

    /// <summary>Configuration version of the last change, also the ETag; absent when not stored.</summary>
    public long? Version { get; init; }

    /// <summary>When it was created; absent when not stored.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was last changed; absent when not stored.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A page of a list, in the order of the ids.</summary>
internal sealed record ResourcePage<T>
{
    /// <summary>The entries.</summary>
    public required IReadOnlyList<Resource<T>> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}
