using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.ServiceDefaults.Files;

namespace Gateway.McpHub.Auth;

/// <summary>Tokens and registrations, kept over restarts: each in a file of its own, for its owner only, encrypted under a key derived from the internal token.</summary>
internal sealed partial class TokenStore
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly ConcurrentDictionary<string, Grant> grants = new(StringComparer.Ordinal);
    private readonly string folder;
    private readonly byte[]? key;
    private readonly ILogger<TokenStore> log;

    public TokenStore(IConfiguration configuration, ILogger<TokenStore> log)
    {
        this.log = log;
        folder = Path.GetFullPath(Path.Combine(configuration[WireNames.DataDirectoryKey] ?? ".gateway", "mcphub", "grants"));

        // Without a secret nothing is written: tokens then last as long as the process.
        key = configuration[WireNames.InternalTokenKey] is { Length: > 0 } token
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(token), 32, salt: null, info: "gateway mcp grants"u8.ToArray())
            : null;
    }

    /// <summary>What is kept under a name; null when there is nothing, or it was written under another key.</summary>
    public Grant? Find(string name)
    {
        if (grants.TryGetValue(name, out var there))
        {
            return there;
        }

        try
        {
            return key is not null && File.Exists(FileOf(name)) && Open(File.ReadAllBytes(FileOf(name)), name) is { } grant ? grants.GetOrAdd(name, grant) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            NotKept(e.Message);
            return null;
        }
    }

    /// <summary>Keeps something under a name.</summary>
    public void Save(string name, Grant grant)
    {
        grants[name] = grant;
        if (key is null)
        {
            return;
        }

        try
        {
            OwnerOnlyFiles.EnsureFolder(folder);
            OwnerOnlyFiles.Write(FileOf(name), Seal(grant, name), replace: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotKept(e.Message);
        }
    }

    /// <summary>Forgets what is kept under a name.</summary>
    public void Remove(string name)
    {
        grants.TryRemove(name, out _);
        try
        {
            File.Delete(FileOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotKept(e.Message);
        }
    }

    private string FileOf(string name) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));

    private byte[] Seal(Grant grant, string name)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(grant, AuthJson.Default.Grant);
        var file = new byte[NonceBytes + TagBytes + content.Length];
        RandomNumberGenerator.Fill(file.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key!, TagBytes);
        aes.Encrypt(file.AsSpan(0, NonceBytes), content, file.AsSpan(NonceBytes + TagBytes), file.AsSpan(NonceBytes, TagBytes), Encoding.UTF8.GetBytes(name));
        return file;
    }

    private Grant? Open(byte[] file, string name)
    {
        if (file.Length < NonceBytes + TagBytes)
        {
            return null;
        }

        var content = new byte[file.Length - NonceBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key!, TagBytes);
            aes.Decrypt(file.AsSpan(0, NonceBytes), file.AsSpan(NonceBytes + TagBytes), file.AsSpan(NonceBytes, TagBytes), content, Encoding.UTF8.GetBytes(name));
            return JsonSerializer.Deserialize(content, AuthJson.Default.Grant);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Tokens of MCP servers could not be kept: users have to sign in again after a restart. {Reason}")]
    private partial void NotKept(string reason);
}

/// <summary>What an authorization server gave: a registration, tokens, or both.</summary>
internal sealed record Grant
{
    public string? Issuer { get; init; }

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? ClientAuth { get; init; }

    public string? TokenEndpoint { get; init; }

    public string? Resource { get; init; }

    public string? AccessToken { get; init; }

    public string? RefreshToken { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RenewAt { get; init; }

    public string? Scope { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Issuer = ").Append(Issuer);
        return true;
    }
}
