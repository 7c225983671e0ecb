using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Gateway.Tokenizers;

/// <summary>The tokens of an encoding, found by their bytes. About 5 MB for the larger one.</summary>
internal sealed class BpeRanks
{
    /// <summary>Rank of bytes that are no token: above every other.</summary>
    public const int None = int.MaxValue;

    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly int[] _slots;
    private readonly int[] _pairs = new int[65_536];
    private readonly int _longest;

    private BpeRanks(byte[] bytes, int[] starts, int longest)
    {
        (_bytes, _starts, _longest) = (bytes, starts, longest);
        var size = 1;
        while (size < starts.Length * 2)
        {
            size *= 2;
        }

        _slots = new int[size];
        Array.Fill(_pairs, None);
        for (var rank = 0; rank < starts.Length - 1; rank++)
        {
            Add(rank);
        }
    }

    /// <summary>Reads the ranks that come with this library.</summary>
    public static BpeRanks Load(string name)
    {
        using var resource = typeof(BpeRanks).Assembly.GetManifestResourceStream($"Gateway.Tokenizers.{name}.ranks")!;
        using var stream = new ZLibStream(resource, CompressionMode.Decompress);
        Span<byte> head = stackalloc byte[4];
        stream.ReadExactly(head);
        var lengths = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
        stream.ReadExactly(lengths);
        var starts = new int[lengths.Length + 1];
        for (var i = 0; i < lengths.Length; i++)
        {
            starts[i + 1] = starts[i] + lengths[i];
        }

        var bytes = new byte[starts[^1]];
        stream.ReadExactly(bytes);
        return new BpeRanks(bytes, starts, lengths.Max());
    }

    /// <summary>The rank of a token, or <see cref="None"/>.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        if (token.Length == 2)
        {
            return _pairs[(token[0] << 8) | token[1]];
        }

        if (token.Length > _longest || token.IsEmpty)
        {
            return None;
        }

        var mask = _slots.Length - 1;
        for (var slot = Hash(token) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var rank = _slots[slot] - 1;
            if (Token(rank).SequenceEqual(token))
            {
                return rank;
            }
        }

        return None;
    }

    /// <summary>The bytes of a token.</summary>
    public ReadOnlySpan<byte> Token(int rank) => _bytes.AsSpan(_starts[rank], _starts[rank + 1] - _starts[rank]);

    private void Add(int rank)
    {
        var token = Token(rank);
        if (token.Length == 2)
        {
            _pairs[(token[0] << 8) | token[1]] = rank;
            return;
        }

        var mask = _slots.Length - 1;
        var slot = Hash(token) & mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = rank + 1;
    }

    private static int Hash(ReadOnlySpan<byte> token)
    {
        const ulong prime = 0x9E3779B97F4A7C15;
        var hash = (ulong)token.Length * prime;
        while (token.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(token)) * prime;
            hash ^= hash >> 29;
            token = token[8..];
        }

        ulong rest = 0;
        foreach (var b in token)
        {
            rest = (rest << 8) | b;
        }

        hash = (hash ^ rest) * prime;
        return (int)(hash >> 33);
    }
}
