using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Edge.Callers;

/// <summary>An issuer's keys as they are kept.</summary>
internal sealed record KeptIssuerKeys
{
    /// <summary>The issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>Where its keys are; null: as its discovery document says.</summary>
    public string? Jwks { get; init; }

    /// <summary>When they were fetched last.</summary>
    public required DateTimeOffset FetchedAt { get; init; }

    /// <summary>The key set as it came.</summary>
    public required byte[] Document { get; init; }
}

/// <summary>
/// The issuers' last good keys on disk, beside the snapshot, for a start while an issuer is down. They are no secret, but who could change them could sign tokens: under governance the file is
/// sealed (AES-256-GCM) under a key derived from the internal token; an edge alone trusts it as it trusts its configuration file.
/// </summary>
internal sealed class IssuerKeyStore
{
    /// <summary>Name of the file in the edge's folder.</summary>
    public const string FileName = "issuer-keys.bin";

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MostBytes = 64 * 1024 * 1024;

    private readonly string _path;
    private readonly byte[]? _key;

    /// <summary>Uses a file in a folder.</summary>
    /// <param name="folder">The edge's folder; made when missing.</param>
    /// <param name="internalToken">The secret that services share; null for an edge alone.</param>
    public IssuerKeyStore(string folder, string? internalToken)
    {
        _path = Path.Combine(folder, FileName);
        _key = internalToken is null ? null : HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(internalToken), 32, salt: null, info: "gateway edge issuer keys"u8.ToArray());
    }

    private static ReadOnlySpan<byte> Head => "GWISSKS\u0001"u8;

    /// <summary>Replaces what is kept; a crash at any moment leaves the old or the new.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public async Task SaveAsync(IReadOnlyList<KeptIssuerKeys> keys, CancellationToken cancellation)
    {
        var bytes = Seal(JsonSerializer.SerializeToUtf8Bytes(keys, IssuerKeyJson.Default.IReadOnlyListKeptIssuerKeys));
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var unfinished = _path + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // The mode is given to new files only.
        File.Delete(unfinished);
        var file = new FileStream(unfinished, options);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(bytes, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, _path, overwrite: true);
    }

    /// <summary>Reads what is kept; nothing where there is none, or where it is not what was written here.</summary>
    public async Task<IReadOnlyList<KeptIssuerKeys>> LoadAsync(CancellationToken cancellation)
    {
        try
        {
            return new FileInfo(_path) is { Exists: true, Length: <= MostBytes } && Open(await File.ReadAllBytesAsync(_path, cancellation).ConfigureAwait(false)) is { } json
                ? JsonSerializer.Deserialize(json, IssuerKeyJson.Default.IReadOnlyListKeptIssuerKeys) ?? []
                : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            // They are fetched anyway.
            return [];
        }
    }

    private byte[] Seal(byte[] plain)
    {
        if (_key is null)
        {
            return [.. Head, .. plain];
        }

        var file = new byte[Head.Length + NonceBytes + TagBytes + plain.Length];
        Head.CopyTo(file);
        var nonce = file.AsSpan(Head.Length, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, file.AsSpan(Head.Length + NonceBytes + TagBytes), file.AsSpan(Head.Length + NonceBytes, TagBytes), Head);
        return file;
    }

    private byte[]? Open(byte[] file)
    {
        if (!file.AsSpan().StartsWith(Head))
        {
            return null;
        }

        if (_key is null)
        {
            return file[Head.Length..];
        }

        if (file.Length < Head.Length + NonceBytes + TagBytes)
        {
            return null;
        }

        var plain = new byte[file.Length - Head.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(file.AsSpan(Head.Length, NonceBytes), file.AsSpan(Head.Length + NonceBytes + TagBytes), file.AsSpan(Head.Length + NonceBytes, TagBytes), plain, Head);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<KeptIssuerKeys>))]
internal sealed partial class IssuerKeyJson : JsonSerializerContext;
