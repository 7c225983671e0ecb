using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Storing;

/// <summary>One stored answer with its question.</summary>
internal sealed record CacheEntry
{
    /// <summary>Made from partition and question, so that the same question replaces its older answer in every store.</summary>
    public required Guid Id { get; init; }

    /// <summary>As it was asked for, 64 hex digits.</summary>
    public required string Partition { get; init; }

    /// <summary>Partition and vector space as one: only entries with the same one are ever compared.</summary>
    public required Guid Space { get; init; }

    /// <summary>The embedding model, or <see cref="EntryIds.ExactOnly"/>.</summary>
    public required string Embedding { get; init; }

    public required string Text { get; init; }

    /// <summary>Id of the same answer in the exact caches; null where it is not known.</summary>
    public string? AnswerId { get; init; }

    public required CacheEntryFacts Facts { get; init; }

    public required CacheAnswer Answer { get; init; }

    public required long StoredAt { get; init; }

    /// <summary>Unix seconds after which it is stale.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>Unix seconds after which it is gone.</summary>
    public required long GoneAt { get; init; }

    /// <summary>Unit vector; empty for a text that is matched exactly only.</summary>
    public required float[] Vector { get; init; }
}

/// <summary>A neighbour of a question.</summary>
internal sealed record Candidate(CacheEntry Entry, float Cosine);

/// <summary>Which entries; all parts that are set must hold.</summary>
internal sealed record EntryFilter
{
    public string? Partition { get; init; }

    public string? Scope { get; init; }

    public string? Key { get; init; }

    public string? Team { get; init; }

    public string? Customer { get; init; }

    public string? Route { get; init; }

    public string? Model { get; init; }

    public string? Tag { get; init; }

    /// <summary>Id of the answer in the exact caches.</summary>
    public string? Answer { get; init; }

    /// <summary>Stored at or before this Unix second.</summary>
    public long? StoredUntil { get; init; }

    public bool IsEmpty => this == new EntryFilter();

    public bool Matches(CacheEntryFacts facts, string partition, ulong answer, long storedAt)
        => Same(Partition, partition) && Same(Scope, facts.Scope) && Same(Key, facts.Key) && Same(Team, facts.Team) && Same(Customer, facts.Customer)
            && Same(Route, facts.Route) && Same(Model, facts.Model) && (Tag is null || facts.Tags.Contains(Tag)) && (Answer is null || answer == EntryIds.AnswerNumber(Answer)) && (StoredUntil is not { } until || storedAt <= until);

    private static bool Same(string? wanted, string? actual) => wanted is null || string.Equals(wanted, actual, StringComparison.Ordinal);
}

/// <summary>A page of entries.</summary>
internal sealed record EntryPage(IReadOnlyList<CacheEntry> Entries, string? Next);

/// <summary>What a store holds; -1 for what it cannot say.</summary>
internal readonly record struct StoreSize(long Entries, long MemoryBytes, long DiskBytes, long Evicted);
