using System.Text;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Secrets.Stores;

/// <summary>Secrets in the environment of this process.</summary>
internal sealed class EnvironmentSecrets(IConfiguration configuration) : ISecretStore
{
    public SecretKind Kind => SecretKind.Env;

    public Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation) => Task.FromResult(Read(reference.Name!).Member(reference.Field));

    /// <summary>A variable, through configuration, which holds the environment.</summary>
    public SecretRead Read(string name) => configuration[name] is { Length: > 0 } value ? SecretRead.Found(value) : SecretRead.NotFound("governance has no such variable");
}

/// <summary>
/// Secrets in files, below folders that the operator chose: otherwise whoever may name files could have any file that this process can read sent to an address of his choice.
/// </summary>
internal sealed class FileSecrets(GovernanceOptions options, IConfiguration configuration) : ISecretStore
{
    /// <summary>Configuration key of the folders, separated by semicolons.</summary>
    public const string FoldersKey = "Gateway:Secrets:Folders";

    private readonly string _own = Path.Combine(options.DataDirectory, "secrets");
    private readonly string[] _folders =
    [
        Path.Combine(options.DataDirectory, "secrets"),
        .. (configuration[FoldersKey] is { Length: > 0 } given ? given : "/run/secrets;/var/run/secrets;/etc/gateway/secrets")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Path.GetFullPath),
    ];

    public SecretKind Kind => SecretKind.File;

    public async Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation)
        => (await ReadAsync(reference.Path!, cancellation).ConfigureAwait(false)).Member(reference.Field);

    /// <summary>A file's text without the line ends at its end.</summary>
    public async Task<SecretRead> ReadAsync(string path, CancellationToken cancellation)
    {
        var full = Path.GetFullPath(path, _own);
        if (!_folders.Any(f => full.StartsWith(Path.TrimEndingDirectorySeparator(f) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
        {
            return SecretRead.Refused($"it lies outside of the folders for secrets ({FoldersKey}: {string.Join(", ", _folders)})");
        }

        try
        {
            var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4096, FileOptions.Asynchronous);
            await using (stream.ConfigureAwait(false))
            {
                var bytes = new byte[SecretRead.MostBytes + 1];
                var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
                return length > SecretRead.MostBytes ? SecretRead.Invalid($"it is longer than {SecretRead.MostBytes / 1024} KiB")
                    : SecretRead.Found(Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\r', '\n'));
            }
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return SecretRead.NotFound("there is no such file");
        }
        catch (UnauthorizedAccessException)
        {
            return SecretRead.Refused("governance may not read it, or it is a folder");
        }
    }
}
