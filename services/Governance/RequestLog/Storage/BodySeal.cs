using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.RequestLog;

namespace Gateway.Governance.RequestLog.Storage;

/// <summary>What was said in one request, as it is sealed.</summary>
internal sealed record SealedBodies
{
    public LoggedBody? Request { get; set; }

    public LoggedBody? Answer { get; set; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SealedBodies))]
internal sealed partial class SealJson : JsonSerializerContext;

/// <summary>Packs bodies and seals them with their month's key (AES-256-GCM), bound to the entry's id: a row put in another's place does not open.</summary>
internal static class BodySeal
{
    private const byte Format = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Head = 1 + NonceBytes + TagBytes;
    private const int MostPlain = 16 * 1024 * 1024;

    public static string Seal(MonthKeys keys, string id, SealedBodies bodies)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(deflate, bodies, SealJson.Default.SealedBodies);
        }

        var box = new byte[Head + packed.Length];
        box[0] = Format;
        RandomNumberGenerator.Fill(box.AsSpan(1, NonceBytes));
        using var aes = new AesGcm(keys.Bodies, TagBytes);
        aes.Encrypt(box.AsSpan(1, NonceBytes), packed.GetBuffer().AsSpan(0, (int)packed.Length), box.AsSpan(Head), box.AsSpan(1 + NonceBytes, TagBytes), BoundTo(id));
        return Convert.ToBase64String(box);
    }

    /// <summary>The bodies; null when they do not open.</summary>
    public static SealedBodies? Open(MonthKeys keys, string id, string sealedText)
    {
        try
        {
            var box = Convert.FromBase64String(sealedText);
            if (box.Length < Head || box[0] != Format)
            {
                return null;
            }

            var packed = new byte[box.Length - Head];
            using var aes = new AesGcm(keys.Bodies, TagBytes);
            aes.Decrypt(box.AsSpan(1, NonceBytes), box.AsSpan(Head), box.AsSpan(1 + NonceBytes, TagBytes), packed, BoundTo(id));
            using var inflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int read; (read = inflate.Read(buffer)) > 0;)
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > MostPlain)
                {
                    return null;
                }
            }

            return JsonSerializer.Deserialize(plain.GetBuffer().AsSpan(0, (int)plain.Length), SealJson.Default.SealedBodies);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or InvalidDataException or JsonException)
        {
            return null;
        }
    }

    private static byte[] BoundTo(string id) => Encoding.UTF8.GetBytes($"request:{id}");
}
