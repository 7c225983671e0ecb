using System.Text.Json;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.RequestLog.Search;

/// <summary>An entry as it is read.</summary>
internal sealed class DetailRow
{
    public const string Columns = "place, id, edge_id AS Edge, request_id AS RequestId, key_id AS KeyId, team_id AS Team, customer_id AS Customer, detail";

    public long Place { get; init; }

    public required string Id { get; init; }

    public required string Edge { get; init; }

    public required string RequestId { get; init; }

    public required string KeyId { get; init; }

    public required string Team { get; init; }

    public required string Customer { get; init; }

    public required string Detail { get; init; }

    public RequestLogEntry? Entry => JsonSerializer.Deserialize(Detail, Entries.DefaultingJson.For<RequestLogEntry>());
}

/// <summary>What was said, as it is read.</summary>
internal sealed class BodyRow
{
    public const string Columns = "place, id, key_id AS KeyId, team_id AS Team, customer_id AS Customer, sealed";

    public long Place { get; init; }

    public required string Id { get; init; }

    public required string KeyId { get; init; }

    public required string Team { get; init; }

    public required string Customer { get; init; }

    public required string Sealed { get; init; }
}

/// <summary>Reads rows by their ids.</summary>
internal static class LogRows
{
    /// <summary>The entries of records, by id; those of months that have no tables are not there.</summary>
    public static async Task<(Dictionary<string, DetailRow> Details, HashSet<string> Bodies)> OfAsync(DbSession session, IEnumerable<(string Id, long StartedAt)> records)
    {
        var details = new Dictionary<string, DetailRow>(StringComparer.Ordinal);
        var bodies = new HashSet<string>(StringComparer.Ordinal);
        var months = (await LogMonths.ListAsync(session).ConfigureAwait(false)).ToHashSet();
        foreach (var month in records.GroupBy(r => UsageMonth.Of(r.StartedAt)).Where(g => months.Contains(g.Key)))
        {
            var ids = month.Select(r => r.Id).ToArray();
            var of = session.Dialect.OneOf("id", "@ids");
            foreach (var row in await session.QueryAsync<DetailRow>($"SELECT {DetailRow.Columns} FROM {LogSchema.Details(month.Key)} WHERE {of}", new { ids }).ConfigureAwait(false))
            {
                details[row.Id] = row;
            }

            bodies.UnionWith(await session.QueryAsync<string>($"SELECT id FROM {LogSchema.Bodies(month.Key)} WHERE {of}", new { ids }).ConfigureAwait(false));
        }

        return (details, bodies);
    }

    /// <summary>The usage records of ids that a filter lets through.</summary>
    public static async Task<IReadOnlyList<UsageRecordRow>> RecordsAsync(DbSession session, UsageMonth month, IReadOnlyList<string> ids, UsageRecordFilter filter)
    {
        if (ids.Count == 0 || !(await UsagePartitions.ListAsync(session).ConfigureAwait(false)).Contains(month))
        {
            return [];
        }

        var parameters = new Dapper.DynamicParameters(filter.Parameters());
        parameters.Add("ids", ids.ToArray());
        string[] conditions = [session.Dialect.OneOf("id", "@ids"), .. filter.Indexed, .. filter.Times, .. filter.Checked(session.Dialect)];
        return await session.QueryAsync<UsageRecordRow>($"SELECT {UsageRecordRow.Columns} FROM {month.Table} WHERE {string.Join(" AND ", conditions)}", parameters).ConfigureAwait(false);
    }

    /// <summary>An entry by its id, which says nothing of its time: all months are looked through where that is not known.</summary>
    public static async Task<(DetailRow? Detail, BodyRow? Body, UsageMonth Month)> FindAsync(DbSession session, string id, long? startedAt = null)
    {
        foreach (var month in (await LogMonths.ListAsync(session).ConfigureAwait(false)).Where(m => startedAt is null || UsageMonth.Of(startedAt.Value) == m))
        {
            var detail = await session.QueryAsync<DetailRow>($"SELECT {DetailRow.Columns} FROM {LogSchema.Details(month)} WHERE id = @id", new { id }).ConfigureAwait(false);
            var body = await session.QueryAsync<BodyRow>($"SELECT {BodyRow.Columns} FROM {LogSchema.Bodies(month)} WHERE id = @id", new { id }).ConfigureAwait(false);
            if (detail.Count + body.Count > 0)
            {
                return (detail.Count > 0 ? detail[0] : null, body.Count > 0 ? body[0] : null, month);
            }
        }

        return default;
    }

    public static LogItem Item(string id, long startedAt, UsageRecordRow? record, DetailRow? detail, bool hasBodies)
    {
        var entry = detail?.Entry;
        return new LogItem
        {
            Id = id,
            StartedAt = UsageTime.Instant(startedAt),
            Record = record?.ToView(),
            HasDetail = detail is not null,
            HasBodies = hasBodies,
            RequestId = Some(detail?.RequestId),
            Fault = Some(entry?.Fault),
            Step = Some(entry?.Step),
            Message = Some(entry?.Message),
            FinishReason = Some(entry?.FinishReason),
        };
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
