using System.Buffers.Text;
using System.Security.Cryptography;
using Gateway.Governance.Keys;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Access.Login;

/// <summary>Sessions of browsers, kept by the SHA-256 of what the cookie holds.</summary>
internal sealed class SessionStore(Database database, OidcIssuer issuer, TimeProvider time, KeyActors? keys = null)
{
    private const int Most = 1000;
    private const long SeenEvery = 60_000;

    // Rules of sessions that a key began: which key, by its hash. Those of an issuer are the fingerprint of its rules.
    private const string OfAdminKey = "admin-key:";
    private const string OfVirtualKey = "virtual-key:";

    /// <summary>Makes a session of somebody whom the issuer knows; returns what the cookie holds.</summary>
    public Task<string> CreateAsync(Actor actor, CancellationToken cancellation) => CreateAsync(actor, issuer.Options!.Fingerprint, cancellation);

    /// <summary>Makes a session of who holds a key, which ends with the key; returns what the cookie holds. Null for a token that is no key.</summary>
    public async Task<string?> CreateOfKeyAsync(Actor actor, string key, CancellationToken cancellation)
        => KeyMaterial.IsAdmin(key) ? await CreateAsync(actor, OfAdminKey + KeyMaterial.Hash(key), cancellation).ConfigureAwait(false)
            : KeyMaterial.IsVirtual(key) ? await CreateAsync(actor, OfVirtualKey + KeyMaterial.Hash(key), cancellation).ConfigureAwait(false)
            : null;

    private async Task<string> CreateAsync(Actor actor, string rules, CancellationToken cancellation)
    {
        var value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM admin_sessions WHERE expires_at <= @now", new { now }).ConfigureAwait(false);
                return await session.ExecuteAsync(
                    """
                    INSERT INTO admin_sessions (id, sha256, subject, name, role, team_ids, customer_ids, rules, created_at, seen_at, expires_at)
                    VALUES (@id, @sha256, @subject, @Name, @role, @teams, @customers, @rules, @now, @now, @expires)
                    """,
                    new
                    {
                        id = KeyMaterial.NewId("session"),
                        sha256 = KeyMaterial.Hash(value),
                        subject = actor.Id,
                        actor.Name,
                        role = actor.Role.Name(),
                        teams = string.Join(' ', actor.TeamIds),
                        customers = string.Join(' ', actor.CustomerIds),
                        rules,
                        now,
                        expires = now + (long)issuer.Browser.SessionLife.TotalMilliseconds,
                    }).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        return value;
    }

    /// <summary>Whose session a cookie is; null when it has ended, was revoked, or was made under other rules.</summary>
    public async Task<Actor?> FindAsync(string value, CancellationToken cancellation)
    {
        if (value.Length is 0 or > 100)
        {
            return null;
        }

        var rows = await database.ReadAsync(
            session => session.QueryAsync<Row>($"{Select} WHERE sha256 = @sha256", new { sha256 = KeyMaterial.Hash(value) }), cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var idle = issuer.Browser.IdleLife.TotalMilliseconds;
        if (rows is not [var row] || now >= row.ExpiresAt || now - row.SeenAt >= idle || await ActorAsync(row, cancellation).ConfigureAwait(false) is not { } actor)
        {
            return null;
        }

        if (now - row.SeenAt >= Math.Min(SeenEvery, idle / 4))
        {
            await database.WriteAsync(s => s.ExecuteAsync("UPDATE admin_sessions SET seen_at = @now WHERE id = @Id", new { now, row.Id }), cancellation).ConfigureAwait(false);
        }

        return actor with { SessionId = row.Id };
    }

    // The holder of a key is who the key says he is now, others who they were when they logged in.
    private async Task<Actor?> ActorAsync(Row row, CancellationToken cancellation)
        => row.Rules.StartsWith(OfAdminKey, StringComparison.Ordinal) ? await Keys.FindAsync(row.Rules[OfAdminKey.Length..], isAdmin: true, cancellation).ConfigureAwait(false)
            : row.Rules.StartsWith(OfVirtualKey, StringComparison.Ordinal) ? await Keys.FindAsync(row.Rules[OfVirtualKey.Length..], isAdmin: false, cancellation).ConfigureAwait(false)
            : row.Rules == issuer.Options?.Fingerprint && Roles.TryParse(row.Role, out var role)
                ? new Actor { Id = row.Subject, Name = row.Name, Role = role, TeamIds = Split(row.TeamIds), CustomerIds = Split(row.CustomerIds) }
            : null;

    private KeyActors Keys => keys ?? throw new InvalidOperationException("This store was made for sessions of an issuer only.");

    /// <summary>The sessions that have not come to their end, the newest first.</summary>
    public async Task<IReadOnlyList<SessionView>> ListAsync(CancellationToken cancellation)
        => [.. (await database.ReadAsync(
            session => session.QueryAsync<Row>($"{Select} WHERE expires_at > @now ORDER BY created_at DESC, id LIMIT @Most", new { now = time.GetUtcNow().ToUnixTimeMilliseconds(), Most }),
            cancellation).ConfigureAwait(false)).Select(r => new SessionView
            {
                Id = r.Id,
                Subject = r.Subject,
                Name = r.Name,
                Role = r.Role,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(r.CreatedAt),
                SeenAt = DateTimeOffset.FromUnixTimeMilliseconds(r.SeenAt),
                ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(r.ExpiresAt),
            })];

    /// <summary>Ends a session. False when there is none.</summary>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellation)
        => await database.WriteAsync(session => session.ExecuteAsync("DELETE FROM admin_sessions WHERE id = @id", new { id }), cancellation).ConfigureAwait(false) > 0;

    private const string Select =
        """
        SELECT id, subject, name, role, team_ids AS TeamIds, customer_ids AS CustomerIds, rules, created_at AS CreatedAt, seen_at AS SeenAt, expires_at AS ExpiresAt
        FROM admin_sessions
        """;

    private static string[] Split(string ids) => ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed class Row
    {
        public required string Id { get; init; }

        public required string Subject { get; init; }

        public required string Name { get; init; }

        public required string Role { get; init; }

        public required string TeamIds { get; init; }

        public required string CustomerIds { get; init; }

        public required string Rules { get; init; }

        public long CreatedAt { get; init; }

        public long SeenAt { get; init; }

        public long ExpiresAt { get; init; }
    }
}
