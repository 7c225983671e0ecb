using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Credentials;

/// <summary>
/// The keys that encrypt provider secrets at rest (AES-256-GCM). The file may hold several: the current one encrypts, all decrypt,
/// so a key is rotated by adding one and naming it current. The credential's id is bound in as associated data: a ciphertext moved to another row does not open.
/// </summary>
internal sealed class KeyRing(GovernanceOptions options)
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private KeyRingFile? _file;

    private KeyRingFile File => _file ?? throw new InvalidOperationException("The key ring is used before it is loaded.");

    /// <summary>Reads the key ring, or makes one with a single key.</summary>
    /// <exception cref="StartupException">The file is damaged.</exception>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var path = options.KeyRingFile;
        PrivateFile.EnsureDirectory(Path.GetDirectoryName(path)!);
        var text = await PrivateFile.ReadAsync(path, cancellation).ConfigureAwait(false);
        if (text is null)
        {
            var id = $"k{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
            var fresh = new KeyRingFile(id, new Dictionary<string, byte[]> { [id] = RandomNumberGenerator.GetBytes(KeyBytes) });
            await PrivateFile.WriteAsync(path, JsonSerializer.Serialize(fresh, KeyRingJson.Default.KeyRingFile), replace: false, cancellation).ConfigureAwait(false);
            // Read back rather than keep: another instance may have been first.
            text = await PrivateFile.ReadAsync(path, cancellation).ConfigureAwait(false);
        }

        _file = Parse(text!, path);
    }

    public StoredCredential Seal(string credentialId, string providerId, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(File.Keys[File.Current], TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), BoundTo(credentialId));
        CryptographicOperations.ZeroMemory(plain);
        return new StoredCredential { Id = credentialId, ProviderId = providerId, KeyId = File.Current, Sealed = Convert.ToBase64String(box) };
    }

    /// <summary>The secret, or null when the key is not in the ring or the ciphertext was altered.</summary>
    public string? Open(StoredCredential credential)
    {
        var box = new byte[credential.Sealed.Length];
        if (!File.Keys.TryGetValue(credential.KeyId, out var key)
            || !Convert.TryFromBase64String(credential.Sealed, box, out var length)
            || length < NonceBytes + TagBytes)
        {
            return null;
        }

        var plain = new byte[length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes + TagBytes, plain.Length), box.AsSpan(NonceBytes, TagBytes), plain, BoundTo(credential.Id));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] BoundTo(string credentialId) => Encoding.UTF8.GetBytes($"credential:{credentialId}");

    private static KeyRingFile Parse(string text, string path)
    {
        KeyRingFile? file = null;
        try
        {
            file = JsonSerializer.Deserialize(text, KeyRingJson.Default.KeyRingFile);
        }
        catch (JsonException)
        {
            // Judged below; the parser's message could quote a key.
        }

        return file is { Current: not null, Keys: not null } && file.Keys.ContainsKey(file.Current) && file.Keys.Values.All(k => k is { Length: KeyBytes })
            ? file
            : throw new StartupException(
                $"The key ring {path} is damaged: it must be {{\"current\":\"ID\",\"keys\":{{\"ID\":\"BASE64 OF 32 BYTES\"}}}}. Restore it from a backup; without it the stored provider secrets cannot be read.");
    }
}

internal sealed record KeyRingFile(string Current, IReadOnlyDictionary<string, byte[]> Keys);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(KeyRingFile))]
internal sealed partial class KeyRingJson : JsonSerializerContext;
