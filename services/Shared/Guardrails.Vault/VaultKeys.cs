using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Guardrails.Vault;

/// <summary>
/// Keys of the pseudonym vault: each tenant has one of its own, derived from a secret of the gateway, so that what one tenant's conversation keeps cannot be opened, or even be
/// found, for another.
/// </summary>
internal sealed class VaultKeys(byte[] secret)
{
    private const int MostKnown = 10_000;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly ConcurrentDictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    /// <summary>The id of a tenant's conversation, which tells nothing of either.</summary>
    public string ConversationId(string tenant, string name) => Convert.ToHexStringLower(HMACSHA256.HashData(Of(tenant), Encoding.UTF8.GetBytes("conversation\n" + name)));

    /// <summary>A hash that is equal for equal texts of one tenant.</summary>
    public string Hash(string tenant, string kind, string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Of(tenant), Encoding.UTF8.GetBytes($"text\n{kind}\n{text}")).AsSpan(0, 8));

    /// <summary>What the made-up values of a conversation depend on, so that they are unlike those of any other.</summary>
    public byte[] Making(string tenant, string conversation) => HMACSHA256.HashData(Of(tenant), Encoding.UTF8.GetBytes("made up\n" + conversation));

    /// <summary>Seals a text for a place in a conversation.</summary>
    public byte[] Seal(string tenant, string conversation, string pseudonym, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(Of(tenant), TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length), Place(conversation, pseudonym));
        return box;
    }

    /// <summary>Opens what was sealed; null when it was not sealed for this tenant and place.</summary>
    public string? Open(string tenant, string conversation, string pseudonym, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceBytes + TagBytes)
        {
            return null;
        }

        var plain = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(Of(tenant), TagBytes);
        try
        {
            aes.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], plain, Place(conversation, pseudonym));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Place(string conversation, string pseudonym) => Encoding.UTF8.GetBytes($"{conversation}\n{pseudonym}");

    private byte[] Of(string tenant)
    {
        if (_keys.Count >= MostKnown)
        {
            _keys.Clear();
        }

        return _keys.GetOrAdd(tenant, static (tenant, secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, salt: null, info: Encoding.UTF8.GetBytes("gateway pseudonym vault\n" + tenant)), secret);
    }
}
