using Gateway.Governance.Keys;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Bootstrap;

/// <summary>The keys that open the admin API, kept as SHA-256 only.</summary>
internal sealed class AdminKeys(Database database)
{
    /// <summary>Id of the key made at the first start.</summary>
    public const string BootstrapId = "bootstrap";

    public async Task<bool> IsValidAsync(string key, CancellationToken cancellation)
        => KeyMaterial.IsAdmin(key)
            && await database.ReadAsync(
                session => session.ScalarAsync<long>("SELECT COUNT(*) FROM admin_keys WHERE sha256 = @sha256", new { sha256 = KeyMaterial.Hash(key) }),
                cancellation).ConfigureAwait(false) > 0;

    public static Task<IReadOnlyList<string>> HashesAsync(DbSession session) => session.QueryAsync<string>("SELECT sha256 FROM admin_keys");

    public static async Task ReplaceBootstrapAsync(DbSession session, string key, long now)
    {
        await session.ExecuteAsync("DELETE FROM admin_keys WHERE id = @BootstrapId", new { BootstrapId }).ConfigureAwait(false);
        await session.ExecuteAsync(
            "INSERT INTO admin_keys (id, name, role, sha256, created_at) VALUES (@BootstrapId, 'Bootstrap admin key', 'owner', @sha256, @now)",
            new { BootstrapId, sha256 = KeyMaterial.Hash(key), now }).ConfigureAwait(false);
    }
}
