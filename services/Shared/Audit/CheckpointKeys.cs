using System.Security.Cryptography;

namespace Gateway.Audit;

/// <summary>Public keys that checkpoints are believed by, and the private key that signs new ones where there is one.</summary>
public sealed class CheckpointKeys : IDisposable
{
    private const string PublicLabel = "PUBLIC KEY";
    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);
    private string? _signing;

    private CheckpointKeys()
    {
    }

    /// <summary>Id of the key that signs; null where only public keys are known.</summary>
    public string? SigningKeyId => _signing;

    /// <summary>The public keys in PEM, one block each, the signing one first.</summary>
    public string PublicPem
        => string.Concat(_keys.OrderBy(k => k.Key != _signing).ThenBy(k => k.Key, StringComparer.Ordinal).Select(k => k.Value.ExportSubjectPublicKeyInfoPem() + "\n"));

    /// <summary>A new private key in PEM (PKCS#8).</summary>
    public static string NewPrivatePem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Reads one or more PEM blocks, private or public; the first private key signs, all verify.</summary>
    /// <returns>The keys, or null when the text has none or one that is no P-256 key.</returns>
    public static CheckpointKeys? Read(string pem)
    {
        var keys = new CheckpointKeys();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(rest[found.Location]);
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException)
            {
                key.Dispose();
                keys.Dispose();
                return null;
            }

            var isPublic = rest[found.Label].SequenceEqual(PublicLabel);
            if (key.KeySize != 256)
            {
                key.Dispose();
                keys.Dispose();
                return null;
            }

            var id = IdOf(key);
            if (!keys._keys.TryAdd(id, key))
            {
                key.Dispose();
            }

            keys._signing ??= isPublic ? null : id;
            rest = rest[found.Location.End..];
        }

        if (keys._keys.Count > 0)
        {
            return keys;
        }

        keys.Dispose();
        return null;
    }

    /// <summary>The checkpoint under the signing key's id and signature.</summary>
    /// <exception cref="InvalidOperationException">There is no private key.</exception>
    public AuditCheckpoint Sign(AuditCheckpoint checkpoint)
    {
        var id = _signing ?? throw new InvalidOperationException("Only public keys are known; nothing can be signed.");
        var named = checkpoint with { KeyId = id };
        lock (_keys)
        {
            return named with { Signature = Convert.ToBase64String(_keys[id].SignData(CanonicalForm.Of(named), HashAlgorithmName.SHA256)) };
        }
    }

    /// <summary>What is wrong with a checkpoint's signature, or null.</summary>
    public string? Problem(AuditCheckpoint checkpoint)
    {
        if (!_keys.TryGetValue(checkpoint.KeyId, out var key))
        {
            return $"it is signed by the key '{checkpoint.KeyId}', which is not among those given";
        }

        Span<byte> signature = stackalloc byte[64];
        lock (_keys)
        {
            return Convert.TryFromBase64String(checkpoint.Signature, signature, out var length)
                && key.VerifyData(CanonicalForm.Of(checkpoint), signature[..length], HashAlgorithmName.SHA256)
                    ? null
                    : "its signature does not belong to it";
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    private static string IdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];
}
