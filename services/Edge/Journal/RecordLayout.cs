using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>
/// Binary layout of a record, format 2, and what differs in format 1 (docs/adr/usage-journal.md has the tables). Records start at multiples of 8, so that the head word and the
/// commit word are each one atomic store: a process killed between any two instructions leaves a word whole or zero.
/// </summary>
internal static unsafe class RecordLayout
{
    /// <summary>Format of records that this build writes.</summary>
    public const byte Format = 2;

    /// <summary>Kind of a usage record.</summary>
    public const byte UsageKind = 1;

    /// <summary>Bytes of head word and commit word.</summary>
    public const int HeadBytes = 16;

    /// <summary>Offset of the format in a record.</summary>
    public const int FormatAt = 4;

    /// <summary>Offset of the flags.</summary>
    public const int FlagsAt = 114;

    /// <summary>Bit of the flags that says that the record has an id of its own: 16 bytes, big endian, after its strings.</summary>
    public const byte GivenIdFlag = 8;

    /// <summary>Bit of the flags that says that the record tells of the cache: where from, saved cost and saved tokens, 8 bytes each, after its strings and its own id.</summary>
    public const byte CacheFlag = 16;

    /// <summary>Offset of the string lengths.</summary>
    public const int LengthsAt = 232;

    /// <summary>Strings of a record.</summary>
    public const int StringCount = 15;

    /// <summary>Offset of the string bytes: the end of the fixed fields.</summary>
    public const int StringsAt = LengthsAt + (StringCount * 2);

    /// <summary>Most UTF-8 bytes kept of a model name: the caller writes it, and may write anything.</summary>
    public const int MaxModelBytes = 256;

    /// <summary>Most UTF-8 bytes kept of the end user's name, which the caller writes, too.</summary>
    public const int MaxEndUserBytes = 256;

    /// <summary>Most UTF-8 bytes kept of a session's name.</summary>
    public const int MaxSessionBytes = 128;

    /// <summary>Most UTF-8 bytes kept of the tags together; a tag that does not fit whole is left out.</summary>
    public const int MaxTagsBytes = 4 * 1024;

    /// <summary>Most UTF-8 bytes kept of the budgets together: room for 64 of the longest ids, and the configuration allows fewer on a request.</summary>
    public const int MaxBudgetsBytes = 16 * 1024;

    /// <summary>Most UTF-8 bytes kept of any other string; ids are far shorter.</summary>
    public const int MaxStringBytes = 1024;

    /// <summary>Smallest record of any format.</summary>
    public const int MinBytes = (FirstFormat.StringsAt + 7) & ~7;

    /// <summary>Largest record.</summary>
    public const int MaxBytes =
        (StringsAt + MaxModelBytes + MaxEndUserBytes + MaxSessionBytes + MaxTagsBytes + MaxBudgetsBytes + ((StringCount - 5) * MaxStringBytes) + GivenIdBytes + CacheBytes + 7) & ~7;

    /// <summary>Bytes of an id of the record's own.</summary>
    public const int GivenIdBytes = 16;

    private const int CacheBytes = 24;

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
            + Bytes(entry.PriceVersion, MaxStringBytes)
            + Bytes(entry.UserId, MaxStringBytes)
            + Bytes(entry.CustomerId, MaxStringBytes)
            + Bytes(entry.EndUser, MaxEndUserBytes)
            + Bytes(entry.Tags, MaxTagsBytes)
            + Bytes(entry.Budgets, MaxBudgetsBytes)
            + Bytes(entry.Route, MaxStringBytes)
            + Bytes(entry.CredentialId, MaxStringBytes)
            + Bytes(entry.SessionId, MaxSessionBytes);
        return (StringsAt + strings + (entry.GivenId == 0 ? 0 : GivenIdBytes) + (entry.Cache == CacheUse.None ? 0 : CacheBytes) + 7) & ~7;
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
        at[FlagsAt] = (byte)((entry.Stream ? 1 : 0) | (entry.Estimated ? 2 : 0) | (entry.Continued ? 4 : 0) | (entry.GivenId == 0 ? 0 : GivenIdFlag) | (entry.Cache == CacheUse.None ? 0 : CacheFlag));

        at[115] = (byte)entry.Tier;
        at[116] = (byte)entry.Units.ImageQuality;
        at[117] = (byte)entry.Units.WebSearchSize;
        Put(at, 120, entry.CacheWriteHourTokens);
        Put(at, 128, entry.ImageInputTokens);
        Put(at, 136, entry.ImageCacheReadTokens);
        Put(at, 144, entry.ImageOutputTokens);
        Put(at, 152, entry.AudioCacheReadTokens);
        Put(at, 160, entry.Units.Images);
        Put(at, 168, entry.Units.Pixels);
        Put(at, 176, entry.Units.AudioMilliseconds);
        Put(at, 184, entry.Units.Characters);
        Put(at, 192, entry.Units.Searches);
        Put(at, 200, entry.Units.WebSearches);
        Put(at, 208, entry.Epoch);
        BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(at + 216, 16), entry.TraceId);

        var cursor = StringsAt;
        PutString(at, 0, ref cursor, length, entry.KeyId, MaxStringBytes);
        PutString(at, 1, ref cursor, length, entry.TeamId, MaxStringBytes);
        PutString(at, 2, ref cursor, length, entry.Model, MaxModelBytes);
        PutString(at, 3, ref cursor, length, entry.DeploymentId, MaxStringBytes);
        PutString(at, 4, ref cursor, length, entry.ProviderId, MaxStringBytes);
        PutString(at, 5, ref cursor, length, entry.ErrorCode, MaxStringBytes);
        PutString(at, 6, ref cursor, length, entry.PriceVersion, MaxStringBytes);
        PutString(at, 7, ref cursor, length, entry.UserId, MaxStringBytes);
        PutString(at, 8, ref cursor, length, entry.CustomerId, MaxStringBytes);
        PutString(at, 9, ref cursor, length, entry.EndUser, MaxEndUserBytes);
        PutList(at, 10, ref cursor, length, entry.Tags, MaxTagsBytes);
        PutList(at, 11, ref cursor, length, entry.Budgets, MaxBudgetsBytes);
        PutString(at, 12, ref cursor, length, entry.Route, MaxStringBytes);
        PutString(at, 13, ref cursor, length, entry.CredentialId, MaxStringBytes);
        PutString(at, 14, ref cursor, length, entry.SessionId, MaxSessionBytes);
        if (entry.GivenId != 0)
        {
            BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(at + cursor, GivenIdBytes), entry.GivenId);
            cursor += GivenIdBytes;
        }

        if (entry.Cache != CacheUse.None)
        {
            Put(at, cursor, (long)entry.Cache);
            Put(at, cursor + 8, entry.SavedNanoUsd);
            Put(at, cursor + 16, entry.SavedTokens);
        }

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
    public static bool IsKnown(ulong head) => (byte)(head >> 32) is FirstFormat.Number or Format && (byte)(head >> 40) == UsageKind;

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
        var first = at[FormatAt] == FirstFormat.Number;
        var lengths = first ? FirstFormat.LengthsAt : LengthsAt;
        var count = first ? FirstFormat.StringCount : StringCount;
        var total = lengths + (count * 2);
        if (total > length)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            total += *(ushort*)(at + lengths + (i * 2));
        }

        return total + ((at[FlagsAt] & GivenIdFlag) == 0 ? 0 : GivenIdBytes) + (first || (at[FlagsAt] & CacheFlag) == 0 ? 0 : CacheBytes) <= length;
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

    private static void PutList(byte* at, int index, ref int cursor, int length, string? items, int limit)
    {
        var start = cursor;
        PutString(at, index, ref cursor, length, items, limit);
        if (cursor - start <= limit - 4 || Encoding.UTF8.GetByteCount(items!) <= limit)
        {
            return;
        }

        // An item that is cut would be another item: it goes whole.
        var kept = Math.Max(0, new ReadOnlySpan<byte>(at + start, cursor - start).LastIndexOf((byte)' '));
        new Span<byte>(at + start + kept, cursor - start - kept).Clear();
        Put(at, LengthsAt + (index * 2), (ushort)kept);
        cursor = start + kept;
    }

    /// <summary>Where format 1 has its strings; the fields before them lie as in format 2.</summary>
    public static class FirstFormat
    {
        /// <summary>Its number.</summary>
        public const byte Number = 1;

        /// <summary>Offset of the string lengths.</summary>
        public const int LengthsAt = 116;

        /// <summary>Strings of a record: the first of format 2.</summary>
        public const int StringCount = 7;

        /// <summary>Offset of the string bytes.</summary>
        public const int StringsAt = LengthsAt + (StringCount * 2);
    }
}
