using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Caching.Keys;

namespace Gateway.Edge.Caching.Shared;

/// <summary>
/// Answers as bytes for stores outside the edge: a format number, whether the rest is encrypted, the length of a JSON object with what is known of the answer, that object, the
/// body. Encrypted with AES-256-GCM under the key of the answer, so that one cannot be put in the place of another.
/// </summary>
internal sealed class AnswerCodec(Func<byte[]> secret)
{
    private const byte Format = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lazy<byte[]> _secret = new(() => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret(), 32, salt: null, info: "gateway edge cache"u8.ToArray()));

    public byte[] Encode(StoredAnswer answer, bool encrypt)
    {
        var plain = Plain(answer);
        if (!encrypt)
        {
            return [Format, 0, .. plain];
        }

        var sealedBytes = new byte[2 + NonceBytes + TagBytes + plain.Length];
        (sealedBytes[0], sealedBytes[1]) = (Format, 1);
        var nonce = sealedBytes.AsSpan(2, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> about = stackalloc byte[CacheKey.Length];
        answer.Key.CopyTo(about);
        using var aes = new AesGcm(_secret.Value, TagBytes);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(2 + NonceBytes + TagBytes), sealedBytes.AsSpan(2 + NonceBytes, TagBytes), about);
        return sealedBytes;
    }

    /// <summary>Reads an answer; null when the bytes are none, or are encrypted with another secret.</summary>
    public StoredAnswer? Decode(in CacheKey key, byte[] bytes)
    {
        try
        {
            return bytes is not [Format, var isSealed, ..] ? null : Read(key, isSealed == 0 ? bytes.AsMemory(2) : Open(key, bytes));
        }
        catch (Exception e) when (e is CryptographicException or JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private byte[] Open(in CacheKey key, byte[] bytes)
    {
        var plain = new byte[bytes.Length - 2 - NonceBytes - TagBytes];
        Span<byte> about = stackalloc byte[CacheKey.Length];
        key.CopyTo(about);
        using var aes = new AesGcm(_secret.Value, TagBytes);
        aes.Decrypt(bytes.AsSpan(2, NonceBytes), bytes.AsSpan(2 + NonceBytes + TagBytes), bytes.AsSpan(2 + NonceBytes, TagBytes), plain, about);
        return plain;
    }

    private static byte[] Plain(StoredAnswer answer)
    {
        var facts = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(facts))
        {
            json.WriteStartObject();
            json.WriteNumber("stored"u8, answer.StoredAt.ToUnixTimeMilliseconds());
            json.WriteNumber("expires"u8, answer.ExpiresAt.ToUnixTimeMilliseconds());
            json.WriteNumber("stale"u8, answer.StaleUntil.ToUnixTimeMilliseconds());
            json.WriteNumber("version"u8, answer.Version);
            json.WriteString("scope"u8, answer.Scope);
            json.WriteString("route"u8, answer.Route);
            json.WriteString("model"u8, answer.Model);
            json.WriteString("deployment"u8, answer.DeploymentId);
            json.WriteNumber("dialect"u8, (int)answer.ProviderDialect);
            json.WriteNumber("cost"u8, answer.CostNanoUsd);
            json.WriteStartArray("tags"u8);
            foreach (var tag in answer.Tags)
            {
                json.WriteStringValue(tag);
            }

            json.WriteEndArray();
            json.WriteStartArray("tokens"u8);
            var t = answer.Tokens;
            foreach (var count in (ReadOnlySpan<long>)[t.Input, t.CacheRead, t.CacheWrite, t.CacheWriteHour, t.Output, t.Reasoning, t.AudioInput, t.AudioCacheRead, t.AudioOutput, t.ImageInput, t.ImageCacheRead, t.ImageOutput])
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        var plain = new byte[4 + facts.WrittenCount + answer.Body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(plain, facts.WrittenCount);
        facts.WrittenSpan.CopyTo(plain.AsSpan(4));
        answer.Body.Span.CopyTo(plain.AsSpan(4 + facts.WrittenCount));
        return plain;
    }

    private static StoredAnswer? Read(in CacheKey key, ReadOnlyMemory<byte> plain)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(plain.Span);
        using var document = JsonDocument.Parse(plain.Slice(4, length));
        var facts = document.RootElement;
        var tokens = facts.GetProperty("tokens").EnumerateArray().Select(static n => n.GetInt64()).ToArray();
        return tokens.Length < 12 ? null : new StoredAnswer
        {
            Key = key,
            Body = plain[(4 + length)..],
            StoredAt = Time(facts, "stored"),
            ExpiresAt = Time(facts, "expires"),
            StaleUntil = Time(facts, "stale"),
            Version = facts.GetProperty("version").GetInt64(),
            Scope = facts.GetProperty("scope").GetString()!,
            Route = facts.GetProperty("route").GetString()!,
            Model = facts.GetProperty("model").GetString()!,
            DeploymentId = facts.GetProperty("deployment").GetString()!,
            ProviderDialect = (DialectId)facts.GetProperty("dialect").GetInt32(),
            CostNanoUsd = facts.GetProperty("cost").GetInt64(),
            Tags = [.. facts.GetProperty("tags").EnumerateArray().Select(static t => t.GetString()!)],
            Tokens = new TokenCounts
            {
                Input = tokens[0], CacheRead = tokens[1], CacheWrite = tokens[2], CacheWriteHour = tokens[3], Output = tokens[4], Reasoning = tokens[5],
                AudioInput = tokens[6], AudioCacheRead = tokens[7], AudioOutput = tokens[8], ImageInput = tokens[9], ImageCacheRead = tokens[10], ImageOutput = tokens[11],
            },
        };
    }

    private static DateTimeOffset Time(JsonElement facts, string name) => DateTimeOffset.FromUnixTimeMilliseconds(facts.GetProperty(name).GetInt64());
}
