using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Sessions;

/// <summary>Keeps the sums of sessions, in the transaction that stores their records. A session is a key's: what others call by the same name is another one.</summary>
internal sealed class SessionBook : IUsageCharge
{
    private static readonly BulkTable<SessionSum> Table = new(
        "request_sessions",
        ["key_id", "session_id"],
        [
            BulkColumn<SessionSum>.Of("key_id", s => s.KeyId),
            BulkColumn<SessionSum>.Of("session_id", s => s.SessionId),
            BulkColumn<SessionSum>.Of("team_id", s => s.TeamId),
            BulkColumn<SessionSum>.Of("customer_id", s => s.CustomerId),
            BulkColumn<SessionSum>.Of("end_user", s => s.EndUser),
            BulkColumn<SessionSum>.Of("first_at", s => s.FirstAt),
            BulkColumn<SessionSum>.Of("last_at", s => s.LastAt),
            BulkColumn<SessionSum>.Of("requests", s => s.Requests),
            BulkColumn<SessionSum>.Of("errors", s => s.Errors),
            BulkColumn<SessionSum>.Of("tokens", s => s.Tokens),
            BulkColumn<SessionSum>.Of("cost", s => s.Cost),
        ],
        """
        UPDATE SET
            team_id = excluded.team_id, customer_id = excluded.customer_id,
            end_user = CASE WHEN excluded.end_user <> '' AND excluded.last_at >= request_sessions.last_at THEN excluded.end_user ELSE request_sessions.end_user END,
            first_at = CASE WHEN excluded.first_at < request_sessions.first_at THEN excluded.first_at ELSE request_sessions.first_at END,
            last_at = CASE WHEN excluded.last_at > request_sessions.last_at THEN excluded.last_at ELSE request_sessions.last_at END,
            requests = request_sessions.requests + excluded.requests, errors = request_sessions.errors + excluded.errors,
            tokens = request_sessions.tokens + excluded.tokens, cost = request_sessions.cost + excluded.cost
        """,
        s => s.KeyId);

    public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task ChargeAsync(DbSession session, IReadOnlyList<StoredUsage> records)
    {
        // In one order for all writers, so that two wait in line and not in a circle.
        var sums = records.Select(r => r.Record).Where(r => r.SessionId.Length > 0)
            .GroupBy(r => (Key: UsageText.Clean(r.KeyId), Session: UsageText.Clean(r.SessionId)))
            .OrderBy(g => g.Key.Key, StringComparer.Ordinal).ThenBy(g => g.Key.Session, StringComparer.Ordinal)
            .Select(g => Sum(g.Key.Key, g.Key.Session, [.. g.OrderBy(r => r.StartedAtMicros)])).ToList();
        if (sums.Count > 0)
        {
            await session.BulkInsertAsync(Table, sums).ConfigureAwait(false);
        }
    }

    /// <summary>The second half of migration 15: the sessions of records that were stored before.</summary>
    public static async Task FillAsync(DbSession session)
    {
        foreach (var month in await UsagePartitions.ListAsync(session).ConfigureAwait(false))
        {
            // WHERE TRUE: without it SQLite takes ON CONFLICT for a join's ON.
            await session.ExecuteAsync(
                $"""
                INSERT INTO request_sessions (key_id, session_id, team_id, customer_id, end_user, first_at, last_at, requests, errors, tokens, cost)
                SELECT key_id, session_id, MAX(team_id), MAX(customer_id), MAX(end_user), MIN(started_at), MAX(started_at), SUM(request_count),
                    SUM(CASE WHEN outcome IN (1, 6) THEN 0 ELSE request_count END),
                    SUM(input + cache_read + cache_write + cache_write_hour + output + reasoning + audio_input + audio_cache_read + audio_output + image_input + image_cache_read + image_output),
                    SUM(cost)
                FROM {month.Table} WHERE session_id <> '' GROUP BY key_id, session_id
                ON CONFLICT (key_id, session_id) DO UPDATE SET
                    first_at = CASE WHEN excluded.first_at < request_sessions.first_at THEN excluded.first_at ELSE request_sessions.first_at END,
                    last_at = CASE WHEN excluded.last_at > request_sessions.last_at THEN excluded.last_at ELSE request_sessions.last_at END,
                    requests = request_sessions.requests + excluded.requests, errors = request_sessions.errors + excluded.errors,
                    tokens = request_sessions.tokens + excluded.tokens, cost = request_sessions.cost + excluded.cost
                """).ConfigureAwait(false);
        }
    }

    private static SessionSum Sum(string key, string session, IReadOnlyList<UsageRecord> records) => new()
    {
        KeyId = key,
        SessionId = session,
        TeamId = UsageText.Clean(records[^1].TeamId),
        CustomerId = UsageText.Clean(records[^1].CustomerId),
        EndUser = UsageText.Clean(records.LastOrDefault(r => r.EndUser.Length > 0)?.EndUser ?? ""),
        FirstAt = records[0].StartedAtMicros,
        LastAt = records[^1].StartedAtMicros,
        Requests = records.Sum(r => (long)r.Count),
        Errors = records.Sum(r => UsageSums.IsError(r.Outcome) ? (long)r.Count : 0),
        Tokens = records.Sum(r => UsageSums.Tokens(r.Tokens)),
        Cost = records.Sum(r => r.CostNanoUsd),
    };

    private sealed class SessionSum
    {
        public required string KeyId { get; init; }

        public required string SessionId { get; init; }

        public required string TeamId { get; init; }

        public required string CustomerId { get; init; }

        public required string EndUser { get; init; }

        public long FirstAt { get; init; }

        public long LastAt { get; init; }

        public long Requests { get; init; }

        public long Errors { get; init; }

        public long Tokens { get; init; }

        public long Cost { get; init; }
    }
}
