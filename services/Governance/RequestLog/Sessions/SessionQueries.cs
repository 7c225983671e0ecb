using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Dapper;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.RequestLog.Sessions;

/// <summary>Reads sessions, by keyset.</summary>
internal sealed class SessionQueries(Database database)
{
    private const string Columns =
        "session_id AS Session, key_id AS KeyId, team_id AS Team, customer_id AS Customer, end_user AS EndUser, first_at AS FirstAt, last_at AS LastAt, requests, errors, tokens, cost";

    private const int MostKeys = 200;

    /// <summary>A page of sessions, last used first.</summary>
    public async Task<SessionPage> PageAsync(UsageRecordFilter filter, SessionPlace? after, int limit, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(
            session =>
            {
                var (conditions, parameters) = Conditions(filter);
                if (after is { } place)
                {
                    conditions.Add("(last_at, session_id, key_id) < (@lastAt, @lastSession, @lastKey)");
                    parameters.Add("lastAt", place.LastAt);
                    parameters.Add("lastSession", place.Session);
                    parameters.Add("lastKey", place.Key);
                }

                parameters.Add("most", limit + 1);
                return session.QueryAsync<Row>(
                    $"SELECT {Columns} FROM request_sessions {Where(conditions)} ORDER BY last_at DESC, session_id DESC, key_id DESC LIMIT @most", parameters);
            },
            cancellation).ConfigureAwait(false);
        var next = rows.Count > limit ? new SessionPlace(rows[limit - 1].LastAt, rows[limit - 1].Session, rows[limit - 1].KeyId).ToCursor() : null;
        return new SessionPage { Items = [.. rows.Take(limit).Select(r => r.ToItem())], Next = next };
    }

    /// <summary>One session with a page of its requests, oldest first; null when nothing of it is seen.</summary>
    public Task<SessionView?> FindAsync(UsageRecordFilter filter, RecordPlace? after, int limit, CancellationToken cancellation) => UsagePartitions.ReadAsync(
        database,
        async session =>
        {
            var (conditions, parameters) = Conditions(filter with { From = null, To = null });
            var keys = await session.QueryAsync<Row>($"SELECT {Columns} FROM request_sessions {Where(conditions)} ORDER BY last_at DESC, key_id LIMIT {MostKeys}", parameters).ConfigureAwait(false);
            if (keys.Count == 0)
            {
                return null;
            }

            var rows = await RecordsAsync(session, filter with { From = UsageTime.Instant(keys.Min(k => k.FirstAt)), To = UsageTime.Instant(keys.Max(k => k.LastAt) + 1) }, after, limit + 1).ConfigureAwait(false);
            var next = rows.Count > limit ? LogCursor.Of(new RecordPlace(rows[limit - 1].StartedAt, rows[limit - 1].Id)) : null;
            rows = rows.Count > limit ? rows[..limit] : rows;
            var (details, bodies) = await LogRows.OfAsync(session, rows.Select(r => (r.Id, r.StartedAt))).ConfigureAwait(false);
            return new SessionView
            {
                Session = filter.Session!,
                Keys = [.. keys.Select(k => k.ToItem())],
                Items = [.. rows.Select(r => LogRows.Item(r.Id, r.StartedAt, r, details.GetValueOrDefault(r.Id), bodies.Contains(r.Id)))],
                Next = next,
            };
        },
        cancellation);

    private static async Task<List<UsageRecordRow>> RecordsAsync(DbSession session, UsageRecordFilter filter, RecordPlace? after, int want)
    {
        var rows = new List<UsageRecordRow>();
        foreach (var month in (await UsagePartitions.ListAsync(session).ConfigureAwait(false)).Where(filter.Touches).Order())
        {
            if (rows.Count == want || (after is { } place && month.Past <= place.StartedAt))
            {
                continue;
            }

            var parameters = new DynamicParameters(filter.Parameters());
            parameters.Add("lastStart", after?.StartedAt ?? 0);
            parameters.Add("lastId", after?.Id ?? "");
            parameters.Add("most", want - rows.Count);
            string[] conditions = [.. filter.Indexed, .. filter.Checked(session.Dialect), .. filter.Times, .. after is null ? (string[])[] : ["(started_at, id) > (@lastStart, @lastId)"]];
            rows.AddRange(await session.QueryAsync<UsageRecordRow>(
                $"SELECT {UsageRecordRow.Columns} FROM {month.Table} WHERE {string.Join(" AND ", conditions)} ORDER BY started_at, id LIMIT @most", parameters).ConfigureAwait(false));
        }

        return rows;
    }

    private static (List<string> Conditions, DynamicParameters Parameters) Conditions(UsageRecordFilter filter)
    {
        var conditions = new List<string>();
        var parameters = new DynamicParameters();
        foreach (var (column, value) in ((string, string?)[])
            [("session_id", filter.Session), ("key_id", filter.Key), ("team_id", filter.Team), ("customer_id", filter.Customer), ("end_user", filter.EndUser)])
        {
            if (value is not null)
            {
                conditions.Add($"{column} = @{column}");
                parameters.Add(column, UsageText.Clean(value));
            }
        }

        if (filter.EndUser is { Length: > 0 })
        {
            conditions.Add("end_user <> ''");
        }

        if (filter.From is { } from)
        {
            conditions.Add("last_at >= @from");
            parameters.Add("from", UsageTime.Micros(from));
        }

        if (filter.To is { } to)
        {
            conditions.Add("last_at < @to");
            parameters.Add("to", UsageTime.Micros(to));
        }

        return (conditions, parameters);
    }

    private static string Where(List<string> conditions) => conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}";

    private sealed class Row
    {
        public required string Session { get; init; }

        public required string KeyId { get; init; }

        public required string Team { get; init; }

        public required string Customer { get; init; }

        public required string EndUser { get; init; }

        public long FirstAt { get; init; }

        public long LastAt { get; init; }

        public long Requests { get; init; }

        public long Errors { get; init; }

        public long Tokens { get; init; }

        public long Cost { get; init; }

        public SessionItem ToItem() => new()
        {
            Session = Session,
            Key = KeyId,
            Team = Team,
            Customer = Customer,
            EndUser = EndUser,
            FirstAt = UsageTime.Instant(FirstAt),
            LastAt = UsageTime.Instant(LastAt),
            Requests = Requests,
            Errors = Errors,
            TotalTokens = Tokens,
            CostNanoUsd = Cost,
        };
    }
}

/// <summary>A place in the list of sessions.</summary>
internal readonly record struct SessionPlace(long LastAt, string Session, string Key)
{
    private const char Between = '\n';

    public string ToCursor() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{LastAt}{Between}{Key}{Between}{Session}")));

    public static bool TryRead(string cursor, out SessionPlace place)
    {
        place = default;
        var bytes = new byte[cursor.Length];
        if (!Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length)
            || Encoding.UTF8.GetString(bytes, 0, length).Split(Between, 3) is not [var at, var key, var session]
            || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var lastAt))
        {
            return false;
        }

        place = new SessionPlace(lastAt, session, key);
        return true;
    }
}
