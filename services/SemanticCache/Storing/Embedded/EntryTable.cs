using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>All entries in memory: by id, by space, and in a list from which some are drawn for eviction. Callers hold the store's lock to change it.</summary>
internal sealed class EntryTable
{
    private const int Drawn = 48;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, EntryRecord> _byId = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, SpaceIndex> _spaces = new();
    private readonly Dictionary<string, (CacheEntryFacts Facts, int Count)> _facts = new(StringComparer.Ordinal);
    private readonly List<EntryRecord> _all = [];

    public int Count => _byId.Count;

    public long MemoryBytes { get; private set; }

    public EntryRecord? Find(Guid id) => _byId.GetValueOrDefault(id);

    public SpaceIndex? Space(Guid space) => _spaces.GetValueOrDefault(space);

    public EntryRecord[] Snapshot() => [.. _byId.Values];

    public EntryRecord Add(CacheEntry entry, IReadOnlyList<uint> words, long now)
    {
        var known = _spaces.GetValueOrDefault(entry.Space);
        var (space, before) = (known ?? new SpaceIndex(entry.Space, entry.Partition, entry.Vector.Length), known?.Bytes ?? 0);
        _spaces[entry.Space] = space;
        var record = new EntryRecord
        {
            Id = entry.Id,
            Space = space,
            Facts = Shared(entry.Facts),
            StoredAt = entry.StoredAt,
            GoneAt = entry.GoneAt,
            CostNano = entry.Answer.CostNano,
            Answer = EntryIds.AnswerNumber(entry.AnswerId),
            LastUsed = now,
            Place = _all.Count,
        };
        _all.Add(record);
        if (entry.Vector.Length > 0)
        {
            space.Add(record, entry.Vector, words);
        }

        MemoryBytes += EntryRecord.Bytes + space.Bytes - before;
        _byId[entry.Id] = record;
        return record;
    }

    public void Remove(EntryRecord record)
    {
        if (!_byId.TryRemove(new KeyValuePair<Guid, EntryRecord>(record.Id, record)))
        {
            return;
        }

        var before = record.Space.Bytes;
        if (record.Slot >= 0)
        {
            record.Space.Remove(record);
        }

        // Of texts that are matched exactly only others may share it; they do not need the table's entry.
        var gone = record.Space.Count == 0 && _spaces.TryRemove(new KeyValuePair<Guid, SpaceIndex>(record.Space.Space, record.Space));
        MemoryBytes += (gone ? 0 : record.Space.Bytes) - before;

        var last = _all[^1];
        _all[record.Place] = last;
        last.Place = record.Place;
        _all.RemoveAt(_all.Count - 1);
        MemoryBytes -= EntryRecord.Bytes;
        Release(record.Facts);
    }

    /// <summary>The least worthy of some drawn at random; null when there is none.</summary>
    public EntryRecord? Unworthy(Random random, long now)
    {
        EntryRecord? least = null;
        for (var i = 0; i < Math.Min(Drawn, _all.Count); i++)
        {
            var record = _all[_all.Count <= Drawn ? i : random.Next(_all.Count)];
            if (record.GoneAt <= now)
            {
                return record;
            }

            least = least is null || record.Worth(now) < least.Worth(now) ? record : least;
        }

        return least;
    }

    private CacheEntryFacts Shared(CacheEntryFacts facts)
    {
        var key = Key(facts);
        if (_facts.TryGetValue(key, out var known))
        {
            _facts[key] = (known.Facts, known.Count + 1);
            return known.Facts;
        }

        _facts[key] = (facts, 1);
        MemoryBytes += key.Length * 4L;
        return facts;
    }

    private void Release(CacheEntryFacts facts)
    {
        var key = Key(facts);
        if (_facts.TryGetValue(key, out var known))
        {
            if (known.Count > 1)
            {
                _facts[key] = (known.Facts, known.Count - 1);
            }
            else
            {
                _facts.Remove(key);
                MemoryBytes -= key.Length * 4L;
            }
        }
    }

    private static string Key(CacheEntryFacts facts) => System.Text.Json.JsonSerializer.Serialize(facts, StoreJson.Default.CacheEntryFacts);
}
