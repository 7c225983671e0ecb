namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>
/// The vectors of one space in memory. One writer at a time; scans run beside it without a lock: what they read while it changes is at worst a wrong candidate, and
/// every candidate is read from disk, checked and scored exactly.
/// </summary>
internal sealed class SpaceIndex(Guid space, string partition, int dimensions)
{
    private const int ChunkVectors = 512;
    private const int FilterBits = 2048;

    // The object, its place in the table and the arrays' own heads.
    private const int ObjectBytes = 300;

    // In a larger space some entry has nearly any word.
    private const int FilteredEntries = 64;

    private readonly int _stride = Int8Scan.Stride(dimensions);
    private CodeChunk[] _chunks = [];
    private int _count;
    private ulong[]? _words = new ulong[FilterBits / 64];

    public Guid Space => space;

    public string Partition => partition;

    public int Dimensions => dimensions;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Memory that it takes, room for more vectors included.</summary>
    public long Bytes => ObjectBytes + (_words is null ? 0 : FilterBits / 8) + (_chunks.Sum(static c => (long)c.Capacity) * (_stride + sizeof(float) + IntPtr.Size));

    /// <summary>True where no entry has any of these words.</summary>
    public bool LacksAll(IReadOnlyList<uint> words)
    {
        if (Count == 0)
        {
            return true;
        }

        if (Volatile.Read(ref _words) is not { } filter || words.Count == 0)
        {
            return false;
        }

        foreach (var word in words)
        {
            var bit = word % FilterBits;
            if ((Volatile.Read(ref filter[bit / 64]) & (1UL << (int)(bit % 64))) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public void Add(EntryRecord entry, ReadOnlySpan<float> vector, IReadOnlyList<uint> words)
    {
        var slot = _count;
        var chunks = _chunks;
        if (slot / ChunkVectors >= chunks.Length)
        {
            // Most spaces stay small: the first chunk grows, only later ones are whole at once.
            chunks = [.. chunks, new CodeChunk(chunks.Length == 0 ? 1 : ChunkVectors, _stride)];
        }

        if (chunks.Length == 1 && slot >= chunks[0].Capacity)
        {
            chunks = [chunks[0].Grown(Math.Min(ChunkVectors, slot * 2))];
        }

        chunks[slot / ChunkVectors].Set(slot % ChunkVectors, entry, vector);
        entry.Slot = slot;
        Note(words);
        Volatile.Write(ref _chunks, chunks);
        Volatile.Write(ref _count, slot + 1);
    }

    public void Remove(EntryRecord entry)
    {
        var last = _count - 1;
        var (fromChunk, from) = (_chunks[last / ChunkVectors], last % ChunkVectors);
        if (entry.Slot != last)
        {
            _chunks[entry.Slot / ChunkVectors].Take(entry.Slot % ChunkVectors, fromChunk, from).Slot = entry.Slot;
        }

        fromChunk.Clear(from);
        Volatile.Write(ref _count, last);
        if (last % ChunkVectors == 0 && last > 0 && _chunks.Length > last / ChunkVectors)
        {
            Volatile.Write(ref _chunks, _chunks[..(last / ChunkVectors)]);
        }
    }

    /// <summary>The nearest by the coarse vectors, best first, with their coarse cosines.</summary>
    /// <param name="vector">The question.</param>
    /// <param name="count">How many.</param>
    /// <param name="least">Cosine that they must be above.</param>
    /// <param name="now">Unix seconds.</param>
    public IReadOnlyList<(EntryRecord Entry, float Cosine)> Nearest(ReadOnlySpan<float> vector, int count, float least, long now)
    {
        var (question, scale) = Int8Scan.Question(vector);
        if (scale == 0)
        {
            return [];
        }

        var (chunks, total) = (Volatile.Read(ref _chunks), Count);
        var best = new NearestList(count, least / scale, now);
        for (var c = 0; c < chunks.Length && c * ChunkVectors < total; c++)
        {
            chunks[c].Scan(question, total - (c * ChunkVectors), best);
        }

        return [.. best.Found.Select(f => (f.Entry, f.Score * scale))];
    }

    private void Note(IReadOnlyList<uint> words)
    {
        if (_words is not { } filter)
        {
            return;
        }

        if (words.Count == 0 || _count >= FilteredEntries)
        {
            Volatile.Write(ref _words, null);
            return;
        }

        foreach (var word in words)
        {
            var bit = word % FilterBits;
            Volatile.Write(ref filter[bit / 64], filter[bit / 64] | (1UL << (int)(bit % 64)));
        }
    }
}
