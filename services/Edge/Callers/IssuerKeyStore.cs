using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.ControlPlane.LocalFiles;

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

    private const int MostBytes = 64 * 1024 * 1024;

    private readonly string _path;
    private readonly SealedFile _file;

    /// <summary>Uses a file in a folder.</summary>
    /// <param name="folder">The edge's folder; made when missing.</param>
    /// <param name="internalToken">The secret that services share; null for an edge alone.</param>
    public IssuerKeyStore(string folder, string? internalToken)
    {
        _path = Path.Combine(folder, FileName);
        _file = new SealedFile(_path, [.. "GWISSKS\u0001"u8], internalToken is null ? null : SealedFile.KeyFor(internalToken, "gateway edge issuer keys"));
    }

    /// <summary>Replaces what is kept; a crash at any moment leaves the old or the new.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public Task SaveAsync(IReadOnlyList<KeptIssuerKeys> keys, CancellationToken cancellation) =>
        _file.SaveAsync(JsonSerializer.SerializeToUtf8Bytes(keys, IssuerKeyJson.Default.IReadOnlyListKeptIssuerKeys), cancellation);

    /// <summary>Reads what is kept; nothing where there is none, or where it is not what was written here.</summary>
    public async Task<IReadOnlyList<KeptIssuerKeys>> LoadAsync(CancellationToken cancellation)
    {
        try
        {
            return new FileInfo(_path) is { Exists: true, Length: <= MostBytes } && _file.Open(await File.ReadAllBytesAsync(_path, cancellation).ConfigureAwait(false)) is { } json
                ? JsonSerializer.Deserialize(json, IssuerKeyJson.Default.IReadOnlyListKeptIssuerKeys) ?? []
                : [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            // They are fetched anyway.
            return [];
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<KeptIssuerKeys>))]
internal sealed partial class IssuerKeyJson : JsonSerializerContext;
