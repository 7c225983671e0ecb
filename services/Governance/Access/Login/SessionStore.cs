using System.Buffers.Text;
using System.Security.Cryptography;
using Gateway.Governance.Keys;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Access.Login;

/// <summary>Sessions of browsers, kept by the SHA-256 of what the cookie holds.</summary>
internal sealed class SessionStore(Database database, OidcIssuer issuer, TimeProvider time)
{
    private const int Most = 1000;
    private const long SeenEvery = 60_000;

    /// <summary>Makes a session; returns what the cookie holds.</summary>
    public async Task<string> CreateAsync(Actor actor, CancellationToken cancellation)
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
                        rules = issuer.Options!.Fingerprint,
                        now,
                        expires = now + (long)issuer.Options.SessionLife.TotalMilliseconds,
                    }).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        return value;
    }

    /// <summary>Whose session a cookie is; null when it has ended, was revoked, or was made under other rules.</summary>
    public async Task<Actor?> FindAsync(string value, CancellationToken cancellation)
    {
        if (issuer.Options is not { } options || value.Length is 0 or > 100)
        {
            return null;
        }

        var rows = await database.ReadAsync(
            session => session.QueryAsync<Row>($"{Select} WHERE sha256 = @sha256", new { sha256 = KeyMaterial.Hash(value) }), cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (rows is not [var row] || now >= row.ExpiresAt || now - row.SeenAt >= options.IdleLife.TotalMilliseconds || row.Rules != options.Fingerprint || !Roles.TryParse(row.Role, out var role))
        {
            return null;
        }

        if (now - row.SeenAt >= Math.Min(SeenEvery, options.IdleLife.TotalMilliseconds / 4))
        {
            await database.WriteAsync(s => s.ExecuteAsync("UPDATE admin_sessions SET seen_at = @now WHERE id = @Id", new { now, row.Id }), cancellation).ConfigureAwait(false);
        }

        return new Actor { Id = row.Subject, Name = row.Name, Role = role, TeamIds = Split(row.TeamIds), CustomerIds = Split(row.CustomerIds), SessionId = row.Id };
    }

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
