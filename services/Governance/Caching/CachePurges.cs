using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Caching;

/// <summary>
/// Purges of the cache, as entries of the configuration: so they reach every edge as fast as any change, also one that is away at the moment. Each is kept as long as an answer may
/// exist that it concerns. They are no part of documents and of rollbacks: what was purged stays purged.
/// </summary>
internal sealed class CachePurges(ConfigStore store, TimeProvider time)
{
    // Past the longest time that an answer is kept, stale time included.
    private static readonly TimeSpan _kept = TimeSpan.FromDays(38);

    // Past it the oldest become one that purges everything as old as they are.
    private const int Most = 500;

    /// <summary>Makes a purge.</summary>
    /// <returns>The state that holds it.</returns>
    public Task<ConfigOutcome> MakeAsync(CachePurgeEntry purge, CancellationToken cancellation) => store.ChangeAsync(
        state =>
        {
            var now = time.GetUtcNow();
            var writes = new List<EntryWrite> { EntryWrite.Put(EntryKinds.CachePurge, purge.Id, purge, StoredJson.Default.CachePurgeEntry) };
            writes.AddRange(state.CachePurges.Where(p => now - p.Value.CreatedAt > _kept).Select(static p => EntryWrite.Delete(EntryKinds.CachePurge, p.Key)));
            var left = state.CachePurges.Where(p => now - p.Value.CreatedAt <= _kept).OrderBy(static p => p.Value.Version).ToList();
            if (left.Count >= Most)
            {
                var old = left.Take(left.Count - (Most / 2)).ToList();
                writes.AddRange(old.Select(static p => EntryWrite.Delete(EntryKinds.CachePurge, p.Key)));
                var all = new CachePurgeEntry { Id = $"{old[^1].Key}-all", At = old[^1].Value.CreatedAt, Before = old[^1].Value.CreatedAt };
                writes.Add(EntryWrite.Put(EntryKinds.CachePurge, all.Id, all, StoredJson.Default.CachePurgeEntry));
            }

            return ConfigChange.Of(writes) with { Via = "cache purge" };
        },
        cancellation);

    /// <summary>The purges of a state as edges take them, each with the version that it came with.</summary>
    public static IReadOnlyList<CachePurgeEntry> Of(ConfigState state) => [.. state.CachePurges.Values.Select(static p => p.Value with { Version = p.Version })];
}
