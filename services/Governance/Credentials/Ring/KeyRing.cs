using System.Security.Cryptography;
using System.Text;
using Gateway.Governance.Storage;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Governance.Credentials;

/// <summary>
/// The keys that encrypt secrets at rest (AES-256-GCM). The file may hold several: the current one encrypts, all decrypt. What a ciphertext is for is bound in as associated
/// data: one that was moved to another row does not open.
/// </summary>
/// <remarks>
/// Instances share the file, and any of them may change it. It is looked at before each sealing and when something is sealed by a key that is not known here, so that no instance
/// has to be told. Keys that went from the file stay known until the process ends: what it has in memory may still be sealed by them.
/// </remarks>
internal sealed class KeyRing(GovernanceOptions options)
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly Lock _reading = new();
    private volatile Loaded? _loaded;

    /// <summary>The key that seals.</summary>
    public string Current => Ready.File.Current;

    /// <summary>The ring as the file has it now.</summary>
    public KeyRingFile File
    {
        get
        {
            LookAgain();
            return Ready.File;
        }
    }

    private Loaded Ready => _loaded ?? throw new InvalidOperationException("The key ring is used before it is loaded.");

    /// <summary>Reads the key ring, or makes one with a single key.</summary>
    /// <exception cref="StartupException">The file is damaged.</exception>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        var path = options.KeyRingFile;
        OwnerOnlyFiles.EnsureFolder(Path.GetDirectoryName(path)!);
        if (await PrivateFile.ReadAsync(path, cancellation).ConfigureAwait(false) is null)
        {
            var id = NewId();
            var fresh = new KeyRingFile(id, new Dictionary<string, byte[]> { [id] = RandomNumberGenerator.GetBytes(KeyBytes) })
            {
                Made = new Dictionary<string, DateTimeOffset> { [id] = TimeProvider.System.GetUtcNow() },
            };
            // Read back rather than keep: another instance may have been first.
            await PrivateFile.WriteAsync(path, fresh.Write(), replace: false, cancellation).ConfigureAwait(false);
        }

        var seen = Stamp();
        var text = await PrivateFile.ReadAsync(path, cancellation).ConfigureAwait(false);
        _loaded = Loaded.Of(KeyRingFile.Read(text ?? "") ?? throw Damaged(path), seen, _loaded);
    }

    /// <summary>A fresh key, not yet in the ring.</summary>
    public static (string Id, byte[] Key) NewKey() => (NewId(), RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>
    /// Changes the file as it is now. Whoever calls holds the store's lock on changes, so that instances take turns.
    /// </summary>
    /// <param name="change">The ring to write; the same one for no change.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StartupException">The file is gone or damaged.</exception>
    public async Task ChangeAsync(Func<KeyRingFile, KeyRingFile> change, CancellationToken cancellation)
    {
        var path = options.KeyRingFile;
        var before = KeyRingFile.Read(await PrivateFile.ReadAsync(path, cancellation).ConfigureAwait(false) ?? "") ?? throw Damaged(path);
        var after = change(before);
        if (after == before)
        {
            return;
        }

        await PrivateFile.WriteAsync(path, after.Write(), replace: true, cancellation).ConfigureAwait(false);
        await LoadAsync(cancellation).ConfigureAwait(false);
    }

    public StoredCredential Seal(string credentialId, string providerId, string secret)
    {
        LookAgain();
        var (id, key) = Ready.Sealing;
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), BoundTo(credentialId));
        CryptographicOperations.ZeroMemory(plain);
        return new StoredCredential { Id = credentialId, ProviderId = providerId, KeyId = id, Sealed = Convert.ToBase64String(box) };
    }

    /// <summary>The secret, or null when the key is not in the ring or the ciphertext was altered.</summary>
    public string? Open(StoredCredential credential)
    {
        var box = new byte[credential.Sealed.Length];
        if (!Knows(credential.KeyId)
            || !Ready.Known.TryGetValue(credential.KeyId, out var key)
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

    /// <summary>True when a key is in the ring, or was since this process started.</summary>
    public bool Knows(string keyId)
    {
        if (!Ready.Known.ContainsKey(keyId))
        {
            LookAgain();
        }

        return Ready.Known.ContainsKey(keyId);
    }

    // The file is small and local; it is read only when it has changed.
    private void LookAgain()
    {
        var known = Ready;
        if (Stamp() == known.Seen)
        {
            return;
        }

        lock (_reading)
        {
            var seen = Stamp();
            if (seen == Ready.Seen)
            {
                return;
            }

            try
            {
                // A damaged or missing file changes nothing while this process lives; the next start says what is wrong.
                _loaded = KeyRingFile.Read(System.IO.File.ReadAllText(options.KeyRingFile)) is { } file ? Loaded.Of(file, seen, Ready) : Ready with { Seen = seen };
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                _loaded = Ready with { Seen = seen };
            }
        }
    }

    private (DateTime Written, long Length) Stamp()
    {
        var info = new FileInfo(options.KeyRingFile);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    private static string NewId() => $"k{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    private static byte[] BoundTo(string credentialId) => Encoding.UTF8.GetBytes($"credential:{credentialId}");

    private static StartupException Damaged(string path) => new(
        $"The key ring {path} is damaged: it must be {{\"current\":\"ID\",\"keys\":{{\"ID\":\"BASE64 OF 32 BYTES\"}}}}. Restore it from a backup; without it the stored secrets cannot be read.");

    private sealed record Loaded(KeyRingFile File, IReadOnlyDictionary<string, byte[]> Known, (DateTime Written, long Length) Seen)
    {
        public (string Id, byte[] Key) Sealing => (File.Current, File.Keys[File.Current]);

        public static Loaded Of(KeyRingFile file, (DateTime Written, long Length) seen, Loaded? before)
        {
            var known = new Dictionary<string, byte[]>(before?.Known ?? new Dictionary<string, byte[]>(), StringComparer.Ordinal);
            foreach (var (id, key) in file.Keys)
            {
                known[id] = key;
            }

            return new Loaded(file, known, seen);
        }
    }
}
