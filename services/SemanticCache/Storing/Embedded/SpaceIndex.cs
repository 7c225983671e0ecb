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
    private Chunk[] _chunks = [];
    private int _count;
    private ulong[]? _words = new ulong[FilterBits / 64];

    public Guid Space => space;

    public string Partition => partition;

    public int Dimensions => dimensions;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Memory that it takes, room for more vectors included.</summary>
    public long Bytes => ObjectBytes + (_words is null ? 0 : FilterBits / 8) + (_chunks.Sum(static c => (long)c.Entries.Length) * (_stride + sizeof(float) + IntPtr.Size));

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
            chunks = [.. chunks, new Chunk(chunks.Length == 0 ? 1 : ChunkVectors, _stride)];
        }

        if (chunks.Length == 1 && slot >= chunks[0].Entries.Length)
        {
            chunks = [chunks[0].Grown(Math.Min(ChunkVectors, slot * 2), _stride)];
        }

        var (chunk, at) = (chunks[slot / ChunkVectors], slot % ChunkVectors);
        chunk.Scales[at] = Int8Scan.Quantize(vector, chunk.Codes.AsSpan(at * _stride, _stride));
        chunk.Entries[at] = entry;
        entry.Slot = slot;
        Note(words);
        Volatile.Write(ref _chunks, chunks);
        Volatile.Write(ref _count, slot + 1);
    }

    public void Remove(EntryRecord entry)
    {
        var last = _count - 1;
        var (fromChunk, from) = (_chunks[last / ChunkVectors], last % ChunkVectors);
        var (toChunk, to) = (_chunks[entry.Slot / ChunkVectors], entry.Slot % ChunkVectors);
        if (entry.Slot != last)
        {
            fromChunk.Codes.AsSpan(from * _stride, _stride).CopyTo(toChunk.Codes.AsSpan(to * _stride, _stride));
            toChunk.Scales[to] = fromChunk.Scales[from];
            toChunk.Entries[to] = fromChunk.Entries[from];
            toChunk.Entries[to]!.Slot = entry.Slot;
        }

        fromChunk.Entries[from] = null;
        fromChunk.Codes.AsSpan(from * _stride, _stride).Clear();
        Volatile.Write(ref _count, last);
        if (last % ChunkVectors == 0 && last > 0 && _chunks.Length > last / ChunkVectors)
        {
            Volatile.Write(ref _chunks, _chunks[..(last / ChunkVectors)]);
        }
    }

    /// <summary>The nearest by the coarse vectors, best first.</summary>
    public List<(EntryRecord Entry, float Score)> Nearest(ReadOnlySpan<float> vector, int count, long now)
    {
        var (question, scale) = Int8Scan.Question(vector);
        var (chunks, total) = (Volatile.Read(ref _chunks), Count);
        var best = new List<(EntryRecord Entry, float Score)>(count + 1);
        var least = float.NegativeInfinity;
        for (var c = 0; c < chunks.Length && c * ChunkVectors < total; c++)
        {
            var chunk = chunks[c];
            var used = Math.Min(Math.Min(ChunkVectors, chunk.Entries.Length), total - (c * ChunkVectors));
            for (var i = 0; i < used; i++)
            {
                var score = Int8Scan.Dot(chunk.Codes.AsSpan(i * _stride, _stride), question) * chunk.Scales[i] * scale;
                if (score > least && chunk.Entries[i] is { } entry && entry.GoneAt > now)
                {
                    Insert(best, (entry, score), count);
                    least = best.Count == count ? best[^1].Score : float.NegativeInfinity;
                }
            }
        }

        return best;
    }

    private static void Insert(List<(EntryRecord Entry, float Score)> best, (EntryRecord Entry, float Score) found, int count)
    {
        var at = best.Count;
        while (at > 0 && best[at - 1].Score < found.Score)
        {
            at--;
        }

        best.Insert(at, found);
        if (best.Count > count)
        {
            best.RemoveAt(count);
        }
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

    private sealed class Chunk(int vectors, int stride)
    {
        public sbyte[] Codes { get; } = new sbyte[vectors * stride];

        public float[] Scales { get; } = new float[vectors];

        public EntryRecord?[] Entries { get; } = new EntryRecord?[vectors];

        public Chunk Grown(int vectors, int stride)
        {
            var larger = new Chunk(vectors, stride);
            Codes.CopyTo(larger.Codes, 0);
            Scales.CopyTo(larger.Scales, 0);
            Entries.CopyTo(larger.Entries, 0);
            return larger;
        }
    }
}
