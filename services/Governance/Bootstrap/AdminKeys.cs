using Gateway.Governance.Access;
using Gateway.Governance.Keys;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Bootstrap;

/// <summary>The keys that open the admin API, kept as SHA-256 only.</summary>
internal sealed class AdminKeys(Database database)
{
    /// <summary>Id of the key made at the first start.</summary>
    public const string BootstrapId = "bootstrap";

    /// <summary>Who holds a key, or null when it is not known.</summary>
    public async Task<Actor?> FindAsync(string key, CancellationToken cancellation)
    {
        if (!KeyMaterial.IsAdmin(key))
        {
            return null;
        }

        var rows = await database.ReadAsync(
            session => session.QueryAsync<Row>("SELECT id, name, role FROM admin_keys WHERE sha256 = @sha256", new { sha256 = KeyMaterial.Hash(key) }),
            cancellation).ConfigureAwait(false);
        return rows is [var row] && Roles.TryParse(row.Role, out var role) ? new Actor { Id = $"admin-key:{row.Id}", Name = row.Name, Role = role } : null;
    }

    public static Task<IReadOnlyList<string>> HashesAsync(DbSession session) => session.QueryAsync<string>("SELECT sha256 FROM admin_keys");

    public static async Task ReplaceBootstrapAsync(DbSession session, string key, long now)
    {
        await session.ExecuteAsync("DELETE FROM admin_keys WHERE id = @BootstrapId", new { BootstrapId }).ConfigureAwait(false);
        await session.ExecuteAsync(
            "INSERT INTO admin_keys (id, name, role, sha256, created_at) VALUES (@BootstrapId, 'Bootstrap admin key', 'owner', @sha256, @now)",
            new { BootstrapId, sha256 = KeyMaterial.Hash(key), now }).ConfigureAwait(false);
    }

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string Role { get; init; }
    }
}
