namespace Gateway.Contracts.Cache;

/// <summary>
/// Answer to <c>GET /v1/entries</c>. The query may name <c>partition</c>, <c>scope</c>, <c>key</c>, <c>team</c>, <c>customer</c>, <c>route</c>, <c>model</c>,
/// <c>tag</c>, <c>answer</c>, <c>olderThanSeconds</c>, <c>text</c> (words that the question must contain), <c>limit</c> (1 to 200, default 50) and <c>after</c> (a cursor).
/// <c>DELETE /v1/entries</c> takes the same filters, or <c>all=true</c>.
/// </summary>
public sealed record CacheEntryList
{
    /// <summary>Entries, newest first in the embedded store; in order of ids in Qdrant.</summary>
    public required IReadOnlyList<CacheEntryView> Entries { get; init; }

    /// <summary>What to send as <c>after</c> for the next page; null on the last.</summary>
    public string? Next { get; init; }
}

/// <summary>One entry. <c>GET /v1/entries/{id}</c> has the answer too; <c>DELETE /v1/entries/{id}</c> removes it.</summary>
public sealed record CacheEntryView
{
    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary>Partition.</summary>
    public required string Partition { get; init; }

    /// <summary>Id of the same answer in the exact caches; null where it is not known.</summary>
    public string? AnswerId { get; init; }

    /// <summary>The question.</summary>
    public required string Text { get; init; }

    /// <summary>For what and whom it was made.</summary>
    public required CacheEntryFacts Facts { get; init; }

    /// <summary>The embedding model of its vector; <c>exact</c> for a text without a vector.</summary>
    public required string Embedding { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset Stored { get; init; }

    /// <summary>When it expires.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Hits since it was stored, as far as this service saw them.</summary>
    public long Hits { get; set; }

    /// <summary>Bytes of the answer.</summary>
    public long Bytes { get; set; }

    /// <summary>What a hit saves, in nano-US-dollars.</summary>
    public long CostNano { get; set; }

    /// <summary>Observed outcomes: the answer was right.</summary>
    public int Right { get; set; }

    /// <summary>Observed outcomes: the answer was wrong.</summary>
    public int Wrong { get; set; }

    /// <summary>The answer; only of a single entry.</summary>
    public CacheAnswer? Answer { get; init; }
}

/// <summary>Answer to <c>DELETE /v1/entries</c> and <c>DELETE /v1/entries/{id}</c>.</summary>
public sealed record CacheDeleteResponse
{
    /// <summary>Entries that were there and are gone, everywhere.</summary>
    public required long Deleted { get; init; }
}
