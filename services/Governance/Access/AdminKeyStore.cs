using Gateway.Governance.Api;
using Gateway.Governance.Keys;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Access;

/// <summary>The keys that open the admin API.</summary>
internal sealed class AdminKeyStore(Database database, TimeProvider time)
{
    /// <summary>Id of the key made at the first start.</summary>
    public const string BootstrapId = "bootstrap";

    private const string Select =
        """
        SELECT id, name, role, sha256, prefix, team_ids AS TeamIds, customer_ids AS CustomerIds, enabled, expires_at AS ExpiresAt,
            created_by AS CreatedBy, created_at AS CreatedAt, updated_at AS UpdatedAt, version
        FROM admin_keys
        """;

    /// <summary>The key of a value, whether it may be used or not; null when it is not known.</summary>
    public Task<AdminKey?> FindByValueAsync(string value, CancellationToken cancellation)
        => KeyMaterial.IsAdmin(value) ? FindByHashAsync(KeyMaterial.Hash(value), cancellation) : Task.FromResult<AdminKey?>(null);

    /// <summary>The key whose value has a hash, whether it may be used or not; null when it is not known.</summary>
    public async Task<AdminKey?> FindByHashAsync(string sha256, CancellationToken cancellation)
        => await database.ReadAsync(session => session.QueryAsync<Row>($"{Select} WHERE sha256 = @sha256", new { sha256 }), cancellation).ConfigureAwait(false) is [var row] ? row.ToKey() : null;

    public async Task<AdminKey?> FindAsync(string id, CancellationToken cancellation)
        => (await database.ReadAsync(session => session.QueryAsync<Row>($"{Select} WHERE id = @id", new { id }), cancellation).ConfigureAwait(false)) is [var row] ? row.ToKey() : null;

    public async Task<IReadOnlyList<AdminKey>> PageAsync(string? after, int limit, CancellationToken cancellation)
        => [.. (await database.ReadAsync(
            session => session.QueryAsync<Row>($"{Select} WHERE id > @after ORDER BY id LIMIT @limit", new { after = after ?? "", limit }), cancellation).ConfigureAwait(false))
            .Select(r => r.ToKey())];

    /// <summary>
    /// Decides on a write with all keys in sight, and makes it. A lasting owner always remains.
    /// </summary>
    /// <param name="id">The key that is written.</param>
    /// <param name="decide">From the key as it is (null: there is none): the key as it shall be (null: gone), or why not.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<(AdminKey? Key, Problem? Refused)> WriteAsync(
        string id, Func<AdminKey?, (AdminKey? Key, Problem? Refused)> decide, CancellationToken cancellation)
        => database.WriteAsync(
            async session =>
            {
                // Writers take turns: two of them must not each take away what the other takes for the last owner.
                await session.ExecuteAsync("UPDATE config_version SET version = version").ConfigureAwait(false);
                var all = (await session.QueryAsync<Row>(Select).ConfigureAwait(false)).Select(r => r.ToKey()).ToList();
                var before = all.FirstOrDefault(k => k.Id == id);
                var (after, refused) = decide(before);
                if (refused is null && before is { IsLastingOwner: true } && after is not { IsLastingOwner: true } && all.Count(k => k.IsLastingOwner) == 1)
                {
                    refused = new Problem
                    {
                        Status = 409,
                        Title = "The last owner must stay.",
                        Code = "last_owner",
                        Detail = $"The key '{id}' is the only enabled owner key that never expires. Create another one first.",
                    };
                }

                if (refused is not null)
                {
                    session.Abandon();
                    return (null, refused);
                }

                var now = time.GetUtcNow();
                await session.ExecuteAsync("DELETE FROM admin_keys WHERE id = @id", new { id }).ConfigureAwait(false);
                if (after is not null)
                {
                    after = after with { CreatedAt = before?.CreatedAt ?? now, UpdatedAt = now, Version = (before?.Version ?? 0) + 1 };
                    await InsertAsync(session, after).ConfigureAwait(false);
                }

                return (after, (Problem?)null);
            },
            cancellation);

    public static Task<IReadOnlyList<string>> HashesAsync(DbSession session) => session.QueryAsync<string>("SELECT sha256 FROM admin_keys");

    public static async Task ReplaceBootstrapAsync(DbSession session, string key, DateTimeOffset now)
    {
        await session.ExecuteAsync("DELETE FROM admin_keys WHERE id = @BootstrapId", new { BootstrapId }).ConfigureAwait(false);
        await InsertAsync(
            session,
            new AdminKey { Id = BootstrapId, Name = "Bootstrap admin key", Role = Role.Owner, Sha256 = KeyMaterial.Hash(key), CreatedAt = now, UpdatedAt = now }).ConfigureAwait(false);
    }

    private static Task InsertAsync(DbSession session, AdminKey key) => session.ExecuteAsync(
        """
        INSERT INTO admin_keys (id, name, role, sha256, prefix, team_ids, customer_ids, enabled, expires_at, created_by, created_at, updated_at, version)
        VALUES (@Id, @Name, @role, @Sha256, @Prefix, @teams, @customers, @enabled, @expires, @CreatedBy, @created, @updated, @Version)
        """,
        new
        {
            key.Id,
            key.Name,
            role = key.Role.Name(),
            key.Sha256,
            key.Prefix,
            teams = string.Join(' ', key.TeamIds),
            customers = string.Join(' ', key.CustomerIds),
            enabled = key.Enabled ? 1 : 0,
            expires = key.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0,
            key.CreatedBy,
            created = key.CreatedAt.ToUnixTimeMilliseconds(),
            updated = key.UpdatedAt.ToUnixTimeMilliseconds(),
            key.Version,
        });

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string Role { get; init; }

        public required string Sha256 { get; init; }

        public required string Prefix { get; init; }

        public required string TeamIds { get; init; }

        public required string CustomerIds { get; init; }

        public int Enabled { get; init; }

        public long ExpiresAt { get; init; }

        public required string CreatedBy { get; init; }

        public long CreatedAt { get; init; }

        public long UpdatedAt { get; init; }

        public long Version { get; init; }

        public AdminKey ToKey() => new()
        {
            Id = Id,
            Name = Name,
            Role = Roles.TryParse(Role, out var role) ? role : Access.Role.None,
            Sha256 = Sha256,
            Prefix = Prefix,
            TeamIds = Split(TeamIds),
            CustomerIds = Split(CustomerIds),
            Enabled = Enabled != 0,
            ExpiresAt = ExpiresAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt),
            CreatedBy = CreatedBy,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
            Version = Version,
        };

        // Ids have no spaces.
        private static string[] Split(string ids) => ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
