using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Gateway.Edge.Journal;

/// <summary>The first 64 bytes of a segment file.</summary>
/// <param name="Number">Number of the segment.</param>
/// <param name="Writer">Random id of the process run that wrote it: the first half of its records' ids.</param>
/// <param name="Bytes">Length of the file.</param>
internal readonly record struct SegmentHeader(long Number, ulong Writer, int Bytes)
{
    /// <summary>Length of the header; the first record follows it.</summary>
    public const int Size = 64;

    /// <summary>Format that this build writes: 2 says that records may be of format 2, so that a build which knows only format 1 leaves them alone.</summary>
    public const byte Format = 2;

    /// <summary>Extension of segment files.</summary>
    public const string Extension = ".journal";

    private static ReadOnlySpan<byte> Magic => "GWUSAGE\0"u8;

    /// <summary>
    /// Where the checksums of the segment's records start. Holding the random writer id, it cannot be foreseen by a caller who writes
    /// something that looks like a record into a model name.
    /// </summary>
    public uint Seed => BitOperations.Crc32C(BitOperations.Crc32C(0xFFFF_FFFF, Writer), (ulong)Number);

    /// <summary>Name of the file of a segment.</summary>
    public static string FileName(long number) => number.ToString("x16", CultureInfo.InvariantCulture) + Extension;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        destination[8] = Format;
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Writer);
        BinaryPrimitives.WriteInt32LittleEndian(destination[32..], Bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Of(destination[..60]));
    }

    /// <summary>Reads a header.</summary>
    public static SegmentHeaderState TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size || !source.StartsWith(Magic))
        {
            return SegmentHeaderState.Damaged;
        }

        if (source[8] > Format)
        {
            return SegmentHeaderState.Newer;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Of(source[..60]))
        {
            return SegmentHeaderState.Damaged;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[32..]));
        return SegmentHeaderState.Good;
    }
}

/// <summary>What a segment's header says.</summary>
internal enum SegmentHeaderState
{
    /// <summary>It can be read.</summary>
    Good,

    /// <summary>Not a header, or its checksum is wrong.</summary>
    Damaged,

    /// <summary>Written by a later version.</summary>
    Newer,
}
