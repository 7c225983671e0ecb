using System.Numerics;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>
/// Codes, scales and entries of some vectors. From sixteen on they lie in blocks (see <see cref="Int8Scan"/>); fewer lie one after the other, since most partitions
/// are small and a block is as large as sixteen vectors.
/// </summary>
internal sealed class CodeChunk(int vectors, int stride)
{
    private readonly sbyte[] _codes = new sbyte[vectors * stride];
    private readonly float[] _scales = new float[vectors];
    private readonly EntryRecord?[] _entries = new EntryRecord?[vectors];

    /// <summary>Vectors that it has room for: below sixteen any number, above a multiple of it.</summary>
    public int Capacity => vectors;

    private bool IsBlocked => vectors >= Int8Scan.Lanes;

    public void Set(int at, EntryRecord entry, ReadOnlySpan<float> vector)
    {
        Span<sbyte> codes = stride <= 1024 ? stackalloc sbyte[stride] : new sbyte[stride];
        _scales[at] = Int8Scan.Quantize(vector, codes);
        for (var i = 0; i < stride; i++)
        {
            _codes[Place(at, i)] = codes[i];
        }

        _entries[at] = entry;
    }

    /// <summary>Takes a vector of another place over.</summary>
    public EntryRecord Take(int at, CodeChunk from, int fromAt)
    {
        for (var i = 0; i < stride; i++)
        {
            _codes[Place(at, i)] = from._codes[from.Place(fromAt, i)];
        }

        _scales[at] = from._scales[fromAt];
        _entries[at] = from._entries[fromAt];
        return _entries[at]!;
    }

    public void Clear(int at)
    {
        _entries[at] = null;
        _scales[at] = 0;
        for (var i = 0; i < stride; i++)
        {
            _codes[Place(at, i)] = 0;
        }
    }

    /// <summary>The same vectors with more room.</summary>
    public CodeChunk Grown(int capacity)
    {
        var larger = new CodeChunk(capacity, stride);
        for (var at = 0; at < vectors; at++)
        {
            larger.Take(at, this, at);
        }

        return larger;
    }

    /// <summary>Scores the first vectors and offers those that are good enough.</summary>
    public void Scan(short[] question, int used, NearestList best)
    {
        if (!IsBlocked)
        {
            for (var at = 0; at < Math.Min(used, vectors); at++)
            {
                best.Offer(_entries[at], Int8Scan.Dot(_codes.AsSpan(at * stride, stride), question) * _scales[at]);
            }

            return;
        }

        Span<float> scores = stackalloc float[Int8Scan.Lanes];
        for (var first = 0; first < Math.Min(used, vectors); first += Int8Scan.Lanes)
        {
            var above = Int8Scan.Score(_codes.AsSpan(first * stride, Int8Scan.Lanes * stride), question, _scales.AsSpan(first, Int8Scan.Lanes), best.Least, scores);
            for (; above != 0; above &= above - 1)
            {
                var lane = BitOperations.TrailingZeroCount(above);
                best.Offer(_entries[first + lane], scores[lane]);
            }
        }
    }

    private int Place(int at, int value)
        => IsBlocked ? (at / Int8Scan.Lanes * Int8Scan.Lanes * stride) + Int8Scan.Place(at % Int8Scan.Lanes, value) : (at * stride) + value;
}
