using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Entries;
using Gateway.Governance.Keys;
using Gateway.Governance.Storage;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Governance.Bootstrap;

/// <summary>
/// Makes the first admin key and, on a development machine, a default virtual key. Each is written to a file (0600) before its hash
/// is stored: a crash in between leaves a file that the next start adopts, never a key that nobody knows.
/// </summary>
internal sealed partial class FirstKeys(
    ConfigStore store, GovernanceOptions options, IHostEnvironment environment, TimeProvider time, ILogger<FirstKeys> logger)
{
    public const string DevKeyId = "dev";

    private string AdminFile => Path.Combine(options.DataDirectory, WireNames.AdminKeyFile);

    private string DevFile => Path.Combine(options.DataDirectory, WireNames.DevKeyFile);

    /// <exception cref="StartupException">A key file holds something else.</exception>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        OwnerOnlyFiles.EnsureFolder(options.DataDirectory);
        await store.ChangeAsync(
            async (state, session) =>
            {
                await EnsureAdminKeyAsync(session).ConfigureAwait(false);
                return environment.IsDevelopment() ? await EnsureDevKeyAsync(state, session).ConfigureAwait(false) : ConfigChange.Of();
            },
            cancellation).ConfigureAwait(false);
    }

    private async Task EnsureAdminKeyAsync(DbSession session)
    {
        var file = await ReadAsync(AdminFile, KeyMaterial.IsAdmin, session.Cancellation).ConfigureAwait(false);
        var hashes = await AdminKeyStore.HashesAsync(session).ConfigureAwait(false);
        if (options.ResetAdminKey)
        {
            file = KeyMaterial.NewAdmin();
            await PrivateFile.WriteAsync(AdminFile, file, replace: true, session.Cancellation).ConfigureAwait(false);
            LogReset(logger, AdminFile, GovernanceOptions.ResetAdminKeyKey);
        }
        else if (hashes.Count > 0)
        {
            if (file is null || !hashes.Contains(KeyMaterial.Hash(file)))
            {
                LogLost(logger, AdminFile, file is null ? "is not there" : "holds a key this database does not know");
            }

            return;
        }
        else if (file is null)
        {
            file = KeyMaterial.NewAdmin();
            await PrivateFile.WriteAsync(AdminFile, file, replace: true, session.Cancellation).ConfigureAwait(false);
            LogWritten(logger, "admin", AdminFile);
        }
        else
        {
            LogAdopted(logger, "admin", AdminFile);
        }

        await AdminKeyStore.ReplaceBootstrapAsync(session, file, time.GetUtcNow()).ConfigureAwait(false);
    }

    private async Task<ConfigChange> EnsureDevKeyAsync(ConfigState state, DbSession session)
    {
        var file = await ReadAsync(DevFile, KeyMaterial.IsVirtual, session.Cancellation).ConfigureAwait(false);
        if (state.Keys.TryGetValue(DevKeyId, out var known))
        {
            if (file is null || KeyMaterial.Hash(file) != known.Value.Entry.Sha256)
            {
                LogDevLost(logger, DevFile, file is null ? "is not there" : "holds another key", DevKeyId);
            }

            return ConfigChange.Of();
        }

        // A row without a body: somebody revoked the key. A restart must not bring it back.
        var revoked = await session.ScalarAsync<long>(
            "SELECT COUNT(*) FROM config_entries WHERE kind = @kind AND id = @id", new { kind = EntryKinds.Key, id = DevKeyId }).ConfigureAwait(false);
        if (revoked > 0)
        {
            return ConfigChange.Of();
        }

        if (file is null)
        {
            file = KeyMaterial.NewVirtual();
            await PrivateFile.WriteAsync(DevFile, file, replace: true, session.Cancellation).ConfigureAwait(false);
            LogWritten(logger, "development", DevFile);
        }
        else
        {
            LogAdopted(logger, "development", DevFile);
        }

        var entry = new VirtualKeyEntry { Id = DevKeyId, Name = DevKeyId, Sha256 = "" };
        return ConfigChange.Of(EntryWrite.Put(
            EntryKinds.Key, DevKeyId, KeyResource.Under(new StoredKey { Entry = entry, Prefix = "" }, file), StoredJson.Default.StoredKey));
    }

    private static async Task<string?> ReadAsync(string path, Func<string, bool> isKey, CancellationToken cancellation)
    {
        var text = await PrivateFile.ReadAsync(path, cancellation).ConfigureAwait(false);
        return text is null || isKey(text)
            ? text
            : throw new StartupException($"{path} does not hold a key of the gateway. Delete the file to have a new key made, or restore it.");
    }

    [LoggerMessage(LogLevel.Information, "A new {Kind} key was written to {File}.")]
    private static partial void LogWritten(ILogger logger, string kind, string file);

    [LoggerMessage(LogLevel.Information, "The {Kind} key in {File} was adopted: the database is new.")]
    private static partial void LogAdopted(ILogger logger, string kind, string file);

    [LoggerMessage(LogLevel.Warning, "The bootstrap admin key was replaced and written to {File}. Remove {Setting} from the configuration, or every start replaces it again.")]
    private static partial void LogReset(ILogger logger, string file, string setting);

    [LoggerMessage(LogLevel.Warning, "{File} {What}; the database has an admin key already. If nobody knows it, start once with Gateway__ResetAdminKey=true to have a new one made.")]
    private static partial void LogLost(ILogger logger, string file, string what);

    [LoggerMessage(LogLevel.Warning, "{File} {What}; the database has a virtual key '{Id}' already. POST /api/keys/{Id}/regenerate gives it a new value.")]
    private static partial void LogDevLost(ILogger logger, string file, string what, string id);
}
