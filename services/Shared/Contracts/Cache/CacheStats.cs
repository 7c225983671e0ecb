namespace Gateway.Contracts.Cache;

/// <summary>Answer to <c>GET /v1/stats</c>, of the whole service or with <c>?domain=</c> of one domain; counts are since the start of the service.</summary>
public sealed record CacheStats
{
    /// <summary>Entries held now; -1 when the store cannot say.</summary>
    public required long Entries { get; init; }

    /// <summary>Look-ups that found an answer.</summary>
    public required long Hits { get; init; }

    /// <summary>Look-ups that found none.</summary>
    public required long Misses { get; init; }

    /// <summary>Look-ups with a candidate for which evidence was wanted.</summary>
    public long Uncertain { get; set; }

    /// <summary>Look-ups that were not made.</summary>
    public required long Bypassed { get; init; }

    /// <summary>Answers stored.</summary>
    public required long Stored { get; init; }

    /// <summary>Entries that made room for others.</summary>
    public long Evicted { get; set; }

    /// <summary>Texts embedded.</summary>
    public long Embedded { get; set; }

    /// <summary>Hits that shadow mode would have given.</summary>
    public long WouldHit { get; set; }

    /// <summary>What hits saved, in nano-US-dollars.</summary>
    public long SavedNano { get; set; }

    /// <summary>Memory that entries take, in bytes; -1 when they lie elsewhere.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Disk that entries take, in bytes; -1 when they lie elsewhere.</summary>
    public long DiskBytes { get; set; }

    /// <summary>Where entries lie: <c>embedded</c> or <c>qdrant</c>.</summary>
    public string Store { get; set; } = "";

    /// <summary>The embedding model.</summary>
    public string Embedding { get; set; } = "";

    /// <summary>Outcomes by reason.</summary>
    public IReadOnlyDictionary<string, long> Reasons { get; set; } = new Dictionary<string, long>();

    /// <summary>How often a hit was wrong: measured on sampled hits.</summary>
    public CacheErrorEstimate? WrongHits { get; init; }

    /// <summary>Domains that are over their bound and match exactly only at present.</summary>
    public int DomainsOverBound { get; set; }

    /// <summary>The domains with the most look-ups, at most 50.</summary>
    public IReadOnlyList<CacheDomainStats> Domains { get; set; } = [];

    /// <summary>The latest candidates that were just not good enough, at most 50; only with <c>?domain=</c>.</summary>
    public IReadOnlyList<CacheNearMiss> NearMisses { get; set; } = [];
}

/// <summary>A measured rate of wrong hits.</summary>
public sealed record CacheErrorEstimate
{
    /// <summary>Hits whose answers were compared with fresh ones.</summary>
    public required long Samples { get; init; }

    /// <summary>Those that were wrong.</summary>
    public required long Wrong { get; init; }

    /// <summary>Wrong hits per look-up, estimated.</summary>
    public required double Rate { get; init; }

    /// <summary>Lower end of the 95 % confidence interval of <see cref="Rate"/>.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end of it.</summary>
    public required double High { get; init; }
}

/// <summary>What a domain has learnt.</summary>
public sealed record CacheDomainStats
{
    /// <summary>The domain.</summary>
    public required string Domain { get; init; }

    /// <summary>What callers call it; null where none has said since the start of the service.</summary>
    public string? Name { get; init; }

    /// <summary>Look-ups that compared.</summary>
    public required long Lookups { get; init; }

    /// <summary>Hits.</summary>
    public required long Hits { get; init; }

    /// <summary>Outcomes observed, of any kind.</summary>
    public required long Observations { get; init; }

    /// <summary>The bound that its last look-up had.</summary>
    public required double MaxWrongHitRate { get; init; }

    /// <summary>The least probability that is served at present, 0 to 1; above 1 while nothing is.</summary>
    public required double Threshold { get; init; }

    /// <summary>True while it is over its bound.</summary>
    public required bool OverBound { get; init; }

    /// <summary>How often a hit was wrong.</summary>
    public required CacheErrorEstimate WrongHits { get; init; }
}

/// <summary>A candidate that was not good enough.</summary>
public sealed record CacheNearMiss
{
    /// <summary>Id of the entry.</summary>
    public required string EntryId { get; init; }

    /// <summary>Cosine.</summary>
    public required double Similarity { get; init; }

    /// <summary>Probability of the same answer.</summary>
    public required double Probability { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}
