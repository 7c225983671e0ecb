using System.Diagnostics.Metrics;
using Gateway.Contracts.Mcp;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>What calls are searched for.</summary>
internal sealed record CallFilter
{
    public string? Key { get; init; }

    public string? Team { get; init; }

    public string? Customer { get; init; }

    public string? EndUser { get; init; }

    public string? Session { get; init; }

    public string? Trace { get; init; }

    public string? Server { get; init; }

    public string? Tool { get; init; }

    public McpCallOutcome? Outcome { get; init; }

    public McpCallOrigin? Origin { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }
}

/// <summary>The log of calls: each once, newest first.</summary>
internal sealed class CallStore
{
    private readonly Database _database;
    private readonly LogMonths _months;
    private readonly LogSecrets _secrets;
    private readonly Counter<long> _stored;

    public CallStore(Database database, LogMonths months, LogSecrets secrets, IMeterFactory meters)
    {
        (_database, _months, _secrets) = (database, months, secrets);
        _stored = meters.Create("Gateway.Governance").CreateCounter<long>("gateway.mcp.calls.stored", "{call}", "Calls of tools written to the store.");
    }

    /// <summary>Stores what is new of a batch. Durable when it returns.</summary>
    public async Task<McpCallAck> StoreAsync(McpCallBatch batch, CancellationToken cancellation)
    {
        var withBodies = batch.Calls.Where(static c => c.Arguments is not null || c.Result is not null).Select(static c => UsageMonth.Of(c.StartedAtMicros)).Distinct().ToList();
        await _months.EnsureAsync(withBodies, cancellation).ConfigureAwait(false);
        var stored = await _database.WriteAsync(
            async session =>
            {
                var keys = new Dictionary<UsageMonth, MonthKeys?>();
                foreach (var month in withBodies)
                {
                    keys[month] = await _secrets.FindAsync(session, month).ConfigureAwait(false);
                }

                // All writers insert in the order of the ids, so that two that hold the same calls wait in line and not in a circle.
                List<StoredCall> rows =
                [
                    .. batch.Calls.DistinctBy(static c => c.Id, StringComparer.Ordinal).OrderBy(static c => c.Id, StringComparer.Ordinal)
                        .Select(c => new StoredCall(batch.HubId, c, keys.GetValueOrDefault(UsageMonth.Of(c.StartedAtMicros)))),
                ];
                return rows.Count == 0 ? 0 : (await session.BulkInsertAsync(StoredCall.Table, rows).ConfigureAwait(false)).Count;
            },
            cancellation).ConfigureAwait(false);
        _stored.Add(stored);
        return new McpCallAck { Stored = stored, Duplicates = batch.Calls.Count - stored };
    }

    /// <summary>A page of calls, newest first.</summary>
    public async Task<McpCallPage> PageAsync(CallFilter filter, RecordPlace? after, int limit, CancellationToken cancellation)
    {
        var conditions = new List<string> { "1 = 1" };
        void Where(bool isAsked, string condition)
        {
            if (isAsked)
            {
                conditions.Add(condition);
            }
        }

        Where(filter.Key is not null, "key_id = @Key");
        Where(filter.Team is not null, "team_id = @Team");
        Where(filter.Customer is not null, "customer_id = @Customer AND customer_id <> ''");
        Where(filter.EndUser is not null, "end_user = @EndUser AND end_user <> ''");
        Where(filter.Session is not null, "session_id = @Session AND session_id <> ''");
        Where(filter.Trace is not null, "trace_id = @Trace AND trace_id <> ''");
        Where(filter.Server is not null, "server_id = @Server");
        Where(filter.Tool is not null, "tool = @Tool");
        Where(filter.Outcome is not null, filter.Outcome == McpCallOutcome.Done ? "outcome = @outcome" : "outcome = @outcome AND outcome <> 1");
        Where(filter.Origin is not null, "origin = @origin");
        Where(filter.From is not null, "started_at >= @from");
        Where(filter.To is not null, "started_at < @to");
        Where(after is not null, "(started_at < @afterTime OR (started_at = @afterTime AND id < @afterId))");
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<CallRow>(
                $"SELECT {CallRow.Columns} FROM mcp_calls WHERE {string.Join(" AND ", conditions)} ORDER BY started_at DESC, id DESC LIMIT @most",
                new
                {
                    filter.Key, filter.Team, filter.Customer, filter.EndUser, filter.Session, filter.Trace, filter.Server, filter.Tool,
                    outcome = (int)(filter.Outcome ?? 0), origin = (int)(filter.Origin ?? 0),
                    from = filter.From is { } from ? UsageTime.Micros(from) : 0, to = filter.To is { } to ? UsageTime.Micros(to) : 0,
                    afterTime = after?.StartedAt ?? 0, afterId = after?.Id ?? "", most = limit + 1,
                }),
            cancellation).ConfigureAwait(false);
        return new McpCallPage
        {
            Items = [.. rows.Take(limit).Select(static r => r.View())],
            Next = rows.Count > limit ? UsageRecordQuery.Cursor(new RecordPlace(rows[limit - 1].StartedAt, rows[limit - 1].Id)) : null,
        };
    }

    /// <summary>One call with what was said in it, as far as it is kept; null when there is none.</summary>
    public Task<(CallRow Row, SealedBodies? Bodies)?> FindAsync(string id, CancellationToken cancellation) => _database.ReadAsync<(CallRow, SealedBodies?)?>(
        async session =>
        {
            var rows = await session.QueryAsync<CallRow>($"SELECT {CallRow.Columns}, sealed FROM mcp_calls WHERE id = @id", new { id }).ConfigureAwait(false);
            if (rows is not [var row])
            {
                return null;
            }

            var keys = row.Sealed.Length > 0 ? await _secrets.FindAsync(session, UsageMonth.Of(row.StartedAt)).ConfigureAwait(false) : null;
            return (row, keys is null ? null : BodySeal.Open(keys, row.Id, row.Sealed));
        },
        cancellation);
}
