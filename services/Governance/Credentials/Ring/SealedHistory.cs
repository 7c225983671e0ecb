using Gateway.Governance.Storage;

namespace Gateway.Governance.Credentials;

/// <summary>Secrets in the history of entries, which a rollback may bring back.</summary>
internal sealed class SealedHistory(Database database, EntrySeals seals) : ISealedThings
{
    private const int Page = 500;

    public async Task CountAsync(DbSession session, SealCount counts)
    {
        foreach (var kind in EntrySeals.Kinds)
        {
            Row? after = null;
            do
            {
                var rows = await PageAsync(session, kind, after).ConfigureAwait(false);
                foreach (var row in rows)
                {
                    if (EntrySeals.KeyOf(kind, row.Body) is { } key)
                    {
                        counts.Add(key, "history");
                    }
                }

                after = rows.Count == Page ? rows[^1] : null;
            }
            while (after is not null);
        }
    }

    public async Task<int> ResealAsync(int most, CancellationToken cancellation)
    {
        // Looked for outside the transaction, so that no writer waits behind a scan.
        var found = await database.ReadAsync(session => FindAsync(session, most), cancellation).ConfigureAwait(false);
        return found.Count == 0 ? 0 : await database.WriteAsync(
            async session =>
            {
                var done = 0;
                foreach (var (kind, row, body) in found)
                {
                    done += await session.ExecuteAsync(
                        "UPDATE config_history SET body = @body WHERE kind = @kind AND id = @Id AND version = @Version AND body = @old",
                        new { body, kind, row.Id, row.Version, old = row.Body }).ConfigureAwait(false);
                }

                return done;
            },
            cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<(string Kind, Row Row, string Body)>> FindAsync(DbSession session, int most)
    {
        var found = new List<(string, Row, string)>();
        foreach (var kind in EntrySeals.Kinds)
        {
            Row? after = null;
            do
            {
                var rows = await PageAsync(session, kind, after).ConfigureAwait(false);
                foreach (var row in rows)
                {
                    if (found.Count < most && seals.Reseal(kind, row.Body) is { } body)
                    {
                        found.Add((kind, row, body));
                    }
                }

                after = rows.Count == Page && found.Count < most ? rows[^1] : null;
            }
            while (after is not null);
        }

        return found;
    }

    private static Task<IReadOnlyList<Row>> PageAsync(DbSession session, string kind, Row? after) => session.QueryAsync<Row>(
        $"""
        SELECT id, version, body FROM config_history WHERE kind = @kind AND deleted = 0 AND (id > @id OR (id = @id AND version > @version))
        ORDER BY id, version LIMIT {Page}
        """,
        new { kind, id = after?.Id ?? "", version = after?.Version ?? 0 });

    private sealed class Row
    {
        public required string Id { get; init; }

        public long Version { get; init; }

        public required string Body { get; init; }
    }
}
