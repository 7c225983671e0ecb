using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Contracts.Snapshots;

/// <summary>
/// What a configuration amounts to, whatever the order of its entries: the sum of their SHA-256s, so that a changed entry costs one hash and not ten thousand.
/// It finds mistakes, such as a difference that was applied to something else; it proves nothing against somebody who wants to deceive.
/// </summary>
/// <param name="A">Bits 0 to 63.</param>
/// <param name="B">Bits 64 to 127.</param>
/// <param name="C">Bits 128 to 191.</param>
/// <param name="D">Bits 192 to 255.</param>
public readonly record struct SnapshotDigest(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>The digest of one entry, by its JSON as it goes over the wire.</summary>
    /// <param name="kind">Number of its kind: the same text is something else as a team than as a customer.</param>
    /// <param name="json">The entry.</param>
    public static SnapshotDigest Of(int kind, ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        var odd = ((ulong)kind * 2) + 1;
        return new SnapshotDigest(
            unchecked(odd * BinaryPrimitives.ReadUInt64LittleEndian(hash)),
            unchecked(odd * BinaryPrimitives.ReadUInt64LittleEndian(hash[8..])),
            unchecked(odd * BinaryPrimitives.ReadUInt64LittleEndian(hash[16..])),
            unchecked(odd * BinaryPrimitives.ReadUInt64LittleEndian(hash[24..])));
    }

    /// <summary>This with an entry more.</summary>
    public SnapshotDigest Plus(in SnapshotDigest other) => unchecked(new SnapshotDigest(A + other.A, B + other.B, C + other.C, D + other.D));

    /// <summary>This with an entry less.</summary>
    public SnapshotDigest Minus(in SnapshotDigest other) => unchecked(new SnapshotDigest(A - other.A, B - other.B, C - other.C, D - other.D));

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";
}
