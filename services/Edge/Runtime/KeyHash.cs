using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Edge.Runtime;

/// <summary>SHA-256 of a virtual key, as a value that can be looked up without allocation.</summary>
internal readonly record struct KeyHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Longest credential looked at; real keys have 46 characters.</summary>
    public const int MaxKeyChars = 512;

    // SHA-256 is uniform: any 32 of its bits are as good a hash code as all of them.
    public override int GetHashCode() => (int)A;

    public static bool TryCompute(ReadOnlySpan<char> key, out KeyHash hash)
    {
        Span<byte> utf8 = stackalloc byte[MaxKeyChars];
        if (key.Length > MaxKeyChars || Encoding.UTF8.GetByteCount(key) > MaxKeyChars)
        {
            hash = default;
            return false;
        }

        var length = Encoding.UTF8.GetBytes(key, utf8);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], digest);
        hash = FromDigest(digest);
        return true;
    }

    /// <summary>The same for a longer text of ASCII characters, such as a JWT.</summary>
    public static bool TryComputeLong(ReadOnlySpan<char> text, out KeyHash hash)
    {
        hash = default;
        var rented = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            if (Ascii.FromUtf16(text, rented, out var length) != OperationStatus.Done)
            {
                return false;
            }

            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(rented.AsSpan(0, length), digest);
            hash = FromDigest(digest);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    public static bool TryParse(string hex, [NotNullWhen(true)] out KeyHash? hash)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (hex.Length != 64 || Convert.FromHexString(hex, digest, out _, out var written) != OperationStatus.Done || written != digest.Length)
        {
            hash = null;
            return false;
        }

        hash = FromDigest(digest);
        return true;
    }

    private static KeyHash FromDigest(ReadOnlySpan<byte> digest) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(digest),
        BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(digest[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(digest[24..]));
}
