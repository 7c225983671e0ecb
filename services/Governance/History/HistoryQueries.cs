using Gateway.Governance.Storage;

namespace Gateway.Governance.History;

/// <summary>A version of an entry.</summary>
internal sealed class HistoryRow
{
    public required string Kind { get; init; }

    public required string Id { get; init; }

    public long Version { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long At { get; init; }

    public int Deleted { get; init; }

    public required string Body { get; init; }

    public required string ActorId { get; init; }

    public required string ActorName { get; init; }

    public required string Via { get; init; }

    public required string RequestId { get; init; }

    public required string Reason { get; init; }
}

/// <summary>Reads earlier versions.</summary>
internal sealed class HistoryQueries(Database database)
{
    private const string Columns =
        "kind, id, version, at, deleted, body, actor_id AS ActorId, actor_name AS ActorName, via, request_id AS RequestId, reason";

    /// <summary>Versions of one entry, newest first.</summary>
    public Task<IReadOnlyList<HistoryRow>> EntryAsync(string kind, string id, long before, int limit, CancellationToken cancellation) => database.ReadAsync(
        s => s.QueryAsync<HistoryRow>(
            $"SELECT {Columns} FROM config_history WHERE kind = @kind AND id = @id AND version < @before ORDER BY version DESC LIMIT @limit", new { kind, id, before, limit }),
        cancellation);

    /// <summary>Versions of one entry from one on.</summary>
    public static Task<IReadOnlyList<HistoryRow>> SinceAsync(DbSession session, string kind, string id, long version) => session.QueryAsync<HistoryRow>(
        $"SELECT {Columns} FROM config_history WHERE kind = @kind AND id = @id AND version >= @version", new { kind, id, version });

    /// <summary>Everything written by the newest versions, newest first.</summary>
    public Task<IReadOnlyList<HistoryRow>> VersionsAsync(long before, int limit, CancellationToken cancellation) => database.ReadAsync(
        s => s.QueryAsync<HistoryRow>(
            $"""
             SELECT {Columns} FROM config_history
             WHERE version IN (SELECT DISTINCT version FROM config_history WHERE version < @before ORDER BY version DESC LIMIT @limit)
             ORDER BY version DESC, kind, id
             """,
            new { before, limit }),
        cancellation);

    /// <summary>Every entry as it was at a version, deleted ones included.</summary>
    public Task<IReadOnlyList<HistoryRow>> AtAsync(long version, CancellationToken cancellation) => database.ReadAsync(s => AtAsync(s, version), cancellation);

    /// <inheritdoc cref="AtAsync(long,CancellationToken)"/>
    public static Task<IReadOnlyList<HistoryRow>> AtAsync(DbSession session, long version) => session.QueryAsync<HistoryRow>(
        $"""
         SELECT {Columns} FROM config_history h
         WHERE version = (SELECT MAX(l.version) FROM config_history l WHERE l.kind = h.kind AND l.id = h.id AND l.version <= @version)
         ORDER BY kind, id
         """,
        new { version });

    /// <summary>One entry as it was at a version, or null when it was not known then.</summary>
    public static async Task<HistoryRow?> AtAsync(DbSession session, string kind, string id, long version)
    {
        var rows = await session.QueryAsync<HistoryRow>(
            $"SELECT {Columns} FROM config_history WHERE kind = @kind AND id = @id AND version <= @version ORDER BY version DESC LIMIT 1", new { kind, id, version }).ConfigureAwait(false);
        return rows is [var row] ? row : null;
    }
}
