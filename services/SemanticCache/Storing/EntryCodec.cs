using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Storing;

/// <summary>Entries as bytes, the same on disk and in Redis and Postgres. The layout has a number; a changed one gets a new one.</summary>
internal sealed class EntryCodec(EntryCipher? cipher)
{
    private const byte Plain = 1;
    private const byte Encrypted = 2;
    private const int MaxWords = 64;

    /// <summary>More words than are kept: nothing can be ruled out by them.</summary>
    public static readonly IReadOnlyList<uint> AnyWord = [];

    public byte[] Write(CacheEntry entry, IReadOnlyList<uint> words)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new EntryHead
            {
                Partition = entry.Partition,
                Embedding = entry.Embedding,
                Text = entry.Text,
                Facts = entry.Facts,
                ContentType = entry.Answer.ContentType,
                Dialect = entry.Answer.Dialect,
                AnswerText = entry.Answer.Text,
                AnswerId = entry.AnswerId,
                PromptTokens = entry.Answer.PromptTokens,
                CompletionTokens = entry.Answer.CompletionTokens,
                CostNano = entry.Answer.CostNano,
            },
            StoreJson.Default.EntryHead);
        var kept = words.Count > MaxWords ? AnyWord : words;
        var size = 1 + 32 + 24 + 2 + (4 * kept.Count) + 2 + (4 * entry.Vector.Length) + 4 + head.Length + 4 + entry.Answer.Body.Length;
        var bytes = new byte[size];
        var writer = new SpanCursor(bytes);
        writer.Take(1)[0] = Plain;
        entry.Id.TryWriteBytes(writer.Take(16));
        entry.Space.TryWriteBytes(writer.Take(16));
        BinaryPrimitives.WriteInt64LittleEndian(writer.Take(8), entry.StoredAt);
        BinaryPrimitives.WriteInt64LittleEndian(writer.Take(8), entry.ExpiresAt);
        BinaryPrimitives.WriteInt64LittleEndian(writer.Take(8), entry.GoneAt);
        BinaryPrimitives.WriteUInt16LittleEndian(writer.Take(2), (ushort)kept.Count);
        foreach (var word in kept)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(writer.Take(4), word);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(writer.Take(2), (ushort)entry.Vector.Length);
        MemoryMarshal.AsBytes(entry.Vector.AsSpan()).CopyTo(writer.Take(4 * entry.Vector.Length));
        BinaryPrimitives.WriteInt32LittleEndian(writer.Take(4), head.Length);
        head.CopyTo(writer.Take(head.Length));
        BinaryPrimitives.WriteInt32LittleEndian(writer.Take(4), entry.Answer.Body.Length);
        entry.Answer.Body.CopyTo(writer.Take(entry.Answer.Body.Length));
        return cipher is null ? bytes : [Encrypted, .. cipher.Encrypt(bytes)];
    }

    /// <summary>The entry, or null where the bytes are none, or cannot be decrypted with this key.</summary>
    public CacheEntry? Read(ReadOnlySpan<byte> bytes, out IReadOnlyList<uint> words)
    {
        words = AnyWord;
        if (bytes.Length > 0 && bytes[0] == Encrypted)
        {
            bytes = cipher?.Decrypt(bytes[1..]);
        }

        if (bytes.Length == 0 || bytes[0] != Plain)
        {
            return null;
        }

        try
        {
            return ReadPlain(bytes, out words);
        }
        catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException or InvalidDataException)
        {
            // Bytes with a right checksum that are no entry: of a build that went another way. They are worth no more than none.
            return null;
        }
    }

    private static CacheEntry ReadPlain(ReadOnlySpan<byte> bytes, out IReadOnlyList<uint> words)
    {
        var reader = new ReadCursor(bytes);
        reader.Take(1);
        var id = new Guid(reader.Take(16));
        var space = new Guid(reader.Take(16));
        var stored = BinaryPrimitives.ReadInt64LittleEndian(reader.Take(8));
        var expires = BinaryPrimitives.ReadInt64LittleEndian(reader.Take(8));
        var gone = BinaryPrimitives.ReadInt64LittleEndian(reader.Take(8));
        var found = new uint[BinaryPrimitives.ReadUInt16LittleEndian(reader.Take(2))];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = BinaryPrimitives.ReadUInt32LittleEndian(reader.Take(4));
        }

        words = found;
        var vector = new float[BinaryPrimitives.ReadUInt16LittleEndian(reader.Take(2))];
        reader.Take(4 * vector.Length).CopyTo(MemoryMarshal.AsBytes(vector.AsSpan()));
        var head = JsonSerializer.Deserialize(reader.Take(BinaryPrimitives.ReadInt32LittleEndian(reader.Take(4))), StoreJson.Default.EntryHead)
            ?? throw new InvalidDataException("An entry has no head.");
        var body = reader.Take(BinaryPrimitives.ReadInt32LittleEndian(reader.Take(4))).ToArray();
        return new CacheEntry
        {
            Id = id,
            Partition = head.Partition,
            Space = space,
            Embedding = head.Embedding,
            Text = head.Text,
            AnswerId = head.AnswerId,
            Facts = head.Facts,
            StoredAt = stored,
            ExpiresAt = expires,
            GoneAt = gone,
            Vector = vector,
            Answer = new CacheAnswer
            {
                Body = body,
                ContentType = head.ContentType,
                Dialect = head.Dialect,
                Text = head.AnswerText,
                PromptTokens = head.PromptTokens,
                CompletionTokens = head.CompletionTokens,
                CostNano = head.CostNano,
            },
        };
    }

    private ref struct SpanCursor(Span<byte> rest)
    {
        private Span<byte> _rest = rest;

        public Span<byte> Take(int length)
        {
            var taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }
    }

    private ref struct ReadCursor(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public ReadOnlySpan<byte> Take(int length)
        {
            var taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }
    }
}
