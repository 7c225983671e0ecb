using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Gateway.Edge.Journal;

/// <summary>
/// Binary layout of a record, format 1 (docs/adr/usage-journal.md has the table). Records start at multiples of 8, so that the head word and the
/// commit word are each one atomic store: a process killed between any two instructions leaves a word whole or zero.
/// </summary>
internal static unsafe class RecordLayout
{
    /// <summary>Format of records that this build writes.</summary>
    public const byte Format = 1;

    /// <summary>Kind of a usage record.</summary>
    public const byte UsageKind = 1;

    /// <summary>Bytes of head word and commit word.</summary>
    public const int HeadBytes = 16;

    /// <summary>Offset of the string bytes: the end of the fixed fields.</summary>
    public const int StringsAt = LengthsAt + (StringCount * 2);

    /// <summary>Strings of a record.</summary>
    public const int StringCount = 7;

    /// <summary>Offset of the string lengths.</summary>
    public const int LengthsAt = 116;

    /// <summary>Most UTF-8 bytes kept of a model name: the caller writes it, and may write anything.</summary>
    public const int MaxModelBytes = 256;

    /// <summary>Most UTF-8 bytes kept of any other string; ids are far shorter.</summary>
    public const int MaxStringBytes = 1024;

    /// <summary>Smallest record.</summary>
    public const int MinBytes = (StringsAt + 7) & ~7;

    /// <summary>Largest record.</summary>
    public const int MaxBytes = (StringsAt + MaxModelBytes + ((StringCount - 1) * MaxStringBytes) + 7) & ~7;

    private const ulong CommitMark = 0x4A_4E_4C_31UL << 32;

    /// <summary>Bytes the entry takes, a multiple of 8.</summary>
    public static int Measure(in UsageEntry entry)
    {
        var strings = Bytes(entry.KeyId, MaxStringBytes)
            + Bytes(entry.TeamId, MaxStringBytes)
            + Bytes(entry.Model, MaxModelBytes)
            + Bytes(entry.DeploymentId, MaxStringBytes)
            + Bytes(entry.ProviderId, MaxStringBytes)
            + Bytes(entry.ErrorCode, MaxStringBytes)
            + Bytes(entry.PriceVersion, MaxStringBytes);
        return (StringsAt + strings + 7) & ~7;
    }

    /// <summary>Writes and publishes a record into zeroed memory.</summary>
    /// <param name="at">Where the record starts.</param>
    /// <param name="offset">The same as an offset in the segment.</param>
    /// <param name="length">What <see cref="Measure"/> said.</param>
    /// <param name="seed">Checksum seed of the segment.</param>
    /// <param name="entry">What is written.</param>
    public static void Write(byte* at, int offset, int length, uint seed, in UsageEntry entry)
    {
        // The head goes first: whoever finds it without a commit word knows how far to skip.
        var head = Head(length, offset, seed);
        Volatile.Write(ref *(ulong*)at, head);

        Put(at, 16, entry.StartedAtMicros);
        Put(at, 24, entry.DurationMicros);
        Put(at, 32, entry.FirstByteMicros);
        Put(at, 40, entry.CostNanoUsd);
        Put(at, 48, entry.InputTokens);
        Put(at, 56, entry.CacheReadTokens);
        Put(at, 64, entry.CacheWriteTokens);
        Put(at, 72, entry.OutputTokens);
        Put(at, 80, entry.ReasoningTokens);
        Put(at, 88, entry.AudioInputTokens);
        Put(at, 96, entry.AudioOutputTokens);
        Put(at, 104, entry.Status);
        Put(at, 108, entry.Attempts);
        at[112] = (byte)entry.Operation;
        at[113] = (byte)entry.Outcome;
        at[114] = (byte)((entry.Stream ? 1 : 0) | (entry.Estimated ? 2 : 0) | (entry.Continued ? 4 : 0));

        var cursor = StringsAt;
        PutString(at, 0, ref cursor, length, entry.KeyId, MaxStringBytes);
        PutString(at, 1, ref cursor, length, entry.TeamId, MaxStringBytes);
        PutString(at, 2, ref cursor, length, entry.Model, MaxModelBytes);
        PutString(at, 3, ref cursor, length, entry.DeploymentId, MaxStringBytes);
        PutString(at, 4, ref cursor, length, entry.ProviderId, MaxStringBytes);
        PutString(at, 5, ref cursor, length, entry.ErrorCode, MaxStringBytes);
        PutString(at, 6, ref cursor, length, entry.PriceVersion, MaxStringBytes);

        // Published by one store with release semantics after everything above.
        Volatile.Write(ref *(ulong*)(at + 8), CommitMark | Checksum(at, length, head, seed));
    }

    /// <summary>True when <paramref name="head"/> is the head of a record at <paramref name="offset"/> that ends by <paramref name="end"/>.</summary>
    public static bool IsHead(ulong head, int offset, int end, uint seed)
    {
        var length = (uint)head;
        return length is >= MinBytes and <= MaxBytes
            && (length & 7) == 0
            && offset + (long)length <= end
            && (ushort)(head >> 48) == HeadCheck(head, offset, seed);
    }

    /// <summary>Length of the record in a head word.</summary>
    public static int Length(ulong head) => (int)(uint)head;

    /// <summary>True for a record that this build can read.</summary>
    public static bool IsKnown(ulong head) => (byte)(head >> 32) == Format && (byte)(head >> 40) == UsageKind;

    /// <summary>True when the record is whole.</summary>
    public static bool IsWhole(byte* at, ulong head, ulong commit, uint seed)
        => commit == (CommitMark | Checksum(at, Length(head), head, seed)) && StringsFit(at, Length(head));

    private static ulong Head(int length, int offset, uint seed)
    {
        var head = (uint)length | ((ulong)Format << 32) | ((ulong)UsageKind << 40);
        return head | ((ulong)HeadCheck(head, offset, seed) << 48);
    }

    private static ushort HeadCheck(ulong head, int offset, uint seed)
        => (ushort)BitOperations.Crc32C(BitOperations.Crc32C(seed, (uint)offset), head & 0x0000_FFFF_FFFF_FFFF);

    private static uint Checksum(byte* at, int length, ulong head, uint seed)
    {
        var crc = BitOperations.Crc32C(seed, head);
        for (var i = HeadBytes; i < length; i += 8)
        {
            crc = BitOperations.Crc32C(crc, *(ulong*)(at + i));
        }

        return crc;
    }

    private static bool StringsFit(byte* at, int length)
    {
        var total = StringsAt;
        for (var i = 0; i < StringCount; i++)
        {
            total += *(ushort*)(at + LengthsAt + (i * 2));
        }

        return total <= length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bytes(string? text, int limit)
        => string.IsNullOrEmpty(text) ? 0 : Math.Min(limit, text.Length > limit ? limit : Encoding.UTF8.GetByteCount(text));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(byte* at, int offset, T value)
        where T : unmanaged
        => Unsafe.WriteUnaligned(at + offset, value);

    private static void PutString(byte* at, int index, ref int cursor, int length, string? text, int limit)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        // Cuts at a character and turns lone surrogates into U+FFFD, which takes as many bytes as GetByteCount counted for them.
        var room = new Span<byte>(at + cursor, Math.Min(limit, length - cursor));
        _ = Utf8.FromUtf16(text, room, out _, out var written, replaceInvalidSequences: true, isFinalBlock: true);
        Put(at, LengthsAt + (index * 2), (ushort)written);
        cursor += written;
    }
}
