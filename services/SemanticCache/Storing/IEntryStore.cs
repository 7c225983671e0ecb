namespace Gateway.SemanticCache.Storing;

/// <summary>
/// Where entries lie. Expected faults (a server that does not answer, a full disk) are <see cref="StoreFault"/>; nothing else is thrown but cancellation.
/// Entries that are gone by their time are never given.
/// </summary>
internal interface IEntryStore
{
    /// <summary><c>embedded</c> or <c>qdrant</c>.</summary>
    string Name { get; }

    /// <summary>True where a space surely holds nothing that could be near these words: no embedding is needed then. Costs no I/O.</summary>
    /// <param name="space">The space.</param>
    /// <param name="words">Hashes of the question's content words.</param>
    bool SurelyNothing(Guid space, IReadOnlyList<uint> words);

    /// <summary>One entry, or null.</summary>
    ValueTask<CacheEntry?> GetAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>The nearest entries of a space by exact cosine, best first.</summary>
    /// <param name="space">The space.</param>
    /// <param name="vector">A unit vector.</param>
    /// <param name="count">How many.</param>
    /// <param name="least">Entries of a lower cosine are of no use.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<Candidate>> NearestAsync(Guid space, float[] vector, int count, float least, CancellationToken cancellationToken);

    /// <summary>The entry with its answer, where <see cref="NearestAsync"/> gave it without; null where the answer is gone.</summary>
    ValueTask<CacheEntry?> CompleteAsync(CacheEntry entry, CancellationToken cancellationToken);

    /// <summary>Stores; an entry of the same id is replaced.</summary>
    ValueTask PutAsync(CacheEntry entry, IReadOnlyList<uint> words, CancellationToken cancellationToken);

    /// <summary>Removes one, completely.</summary>
    ValueTask<bool> DeleteAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Removes all that match, completely. An empty filter means all.</summary>
    ValueTask<long> DeleteAsync(EntryFilter filter, CancellationToken cancellationToken);

    /// <summary>Entries that match, a page at a time.</summary>
    ValueTask<EntryPage> ListAsync(EntryFilter filter, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Notes a hit, which keeps an entry longer.</summary>
    void Hit(Guid id);

    /// <summary>Hits of an entry, as far as known.</summary>
    long Hits(Guid id);

    ValueTask<StoreSize> SizeAsync(CancellationToken cancellationToken);
}

/// <summary>The store cannot do it now.</summary>
/// <param name="reason">A word of <see cref="Contracts.Cache.CacheReasons"/>.</param>
/// <param name="message">For the log, without secrets and texts.</param>
/// <param name="inner">What it came from.</param>
internal sealed class StoreFault(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason => reason;
}
