using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Edge.Caching.Keys;

/// <summary>Collects what a key is the hash of. Every piece has its length before it, so that no two different sequences of pieces have the same bytes. Pooled: dispose it.</summary>
internal ref struct HashText(int bytes)
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, 256));
    private int _length;

    public void Tag(byte tag)
    {
        Reserve(1);
        _buffer[_length++] = tag;
    }

    public void Number(int value)
    {
        Reserve(4);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length), value);
        _length += 4;
    }

    public void Piece(byte tag, ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length + 5);
        _buffer[_length] = tag;
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length + 1), bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length + 5));
        _length += bytes.Length + 5;
    }

    public void Text(ReadOnlySpan<char> text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length) + 5);
        var count = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length + 5));
        _buffer[_length] = (byte)'t';
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length + 1), count);
        _length += count + 5;
    }

    /// <summary>A JSON number: equal ones have equal bytes.</summary>
    public void JsonNumber(ReadOnlySpan<byte> number)
    {
        Reserve(CanonicalNumber.Bound(number.Length) + 5);
        var count = CanonicalNumber.Write(number, _buffer.AsSpan(_length + 5));
        _buffer[_length] = (byte)'n';
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length + 1), count);
        _length += count + 5;
    }

    public readonly CacheKey Hash()
    {
        Span<byte> hash = stackalloc byte[CacheKey.Length];
        SHA256.HashData(_buffer.AsSpan(0, _length), hash);
        return CacheKey.From(hash);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes, _buffer.Length * 2));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
