using System.Runtime.InteropServices;

namespace Gateway.Edge.Caching.Keys;

/// <summary>What an answer is found by: 256 bits of a hash over all that shapes it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CacheKey(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    public static CacheKey From(ReadOnlySpan<byte> hash) => MemoryMarshal.Read<CacheKey>(hash[..Length]);

    /// <summary>A key from its text; null when that is none.</summary>
    public static CacheKey? TryParse(ReadOnlySpan<char> hex)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return hex.Length == Length * 2 && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? From(bytes) : null;
    }

    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    // A hash needs no further hashing.
    public override int GetHashCode() => (int)A;
}
