using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Dapper;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Records;

/// <summary>A place in the list of records: after the one that started then and has this id.</summary>
internal readonly record struct RecordPlace(long StartedAt, string Id);

/// <summary>
/// Pages through the records, newest first, by keyset: page 1,000 costs what page 1 does. A page looks at a bounded number of records, so a search for something rare that no index
/// answers gives short pages rather than slow ones.
/// </summary>
internal sealed class UsageRecordQuery(Database database)
{
    /// <summary>Most records that one page looks at.</summary>
    public const int MostExamined = 10_000;

    public Task<UsageRecordPage> PageAsync(UsageRecordFilter filter, RecordPlace? after, int limit, CancellationToken cancellation)
        => UsagePartitions.ReadAsync(
            database,
            async session =>
            {
                var (rows, next) = await ReadAsync(session, filter, after, limit).ConfigureAwait(false);
                return new UsageRecordPage { Items = [.. rows.Select(r => r.ToView())], Next = next is { } place ? Cursor(place) : null };
            },
            cancellation);

    /// <summary>One record; null when there is none of that id.</summary>
    public Task<UsageRecordRow?> FindAsync(string id, CancellationToken cancellation)
        => UsagePartitions.ReadAsync(
            database,
            async session =>
            {
                foreach (var month in await UsagePartitions.ListAsync(session).ConfigureAwait(false))
                {
                    var found = await session.QueryAsync<UsageRecordRow>($"SELECT {UsageRecordRow.Columns} FROM {month.Table} WHERE id = @id", new { id }).ConfigureAwait(false);
                    if (found.Count > 0)
                    {
                        return found[0];
                    }
                }

                return null;
            },
            cancellation);

    /// <summary>Reads a page: the rows, and where to go on; null at the end.</summary>
    public static async Task<(List<UsageRecordRow> Rows, RecordPlace? Next)> ReadAsync(DbSession session, UsageRecordFilter filter, RecordPlace? after, int limit)
    {
        var rows = new List<UsageRecordRow>(limit);
        var examine = MostExamined;
        var months = (await UsagePartitions.ListAsync(session).ConfigureAwait(false)).Where(filter.Touches).ToList();
        foreach (var month in after is { } start ? months.SkipWhile(m => m.First > start.StartedAt) : months)
        {
            // A month is searched only after the one before it gave all it has.
            var here = after is { } place && place.StartedAt < month.Past ? after : null;
            var (found, last, examined) = await MonthAsync(session, month, filter, here, limit - rows.Count, examine).ConfigureAwait(false);
            rows.AddRange(found);
            if (last is { } stopped)
            {
                return (rows, stopped);
            }

            examine = Math.Max(1, examine - examined);
        }

        return (rows, null);
    }

    private static async Task<(IReadOnlyList<UsageRecordRow> Rows, RecordPlace? Stopped, int Examined)> MonthAsync(
        DbSession session, UsageMonth month, UsageRecordFilter filter, RecordPlace? after, int limit, int examine)
    {
        var parameters = new DynamicParameters(filter.Parameters());
        parameters.Add("lastStart", after?.StartedAt ?? 0);
        parameters.Add("lastId", after?.Id ?? "");
        parameters.Add("most", limit + 1);
        parameters.Add("examine", examine);
        string[] driving = [.. filter.Indexed, .. filter.Times, .. after is null ? (string[])[] : ["(started_at, id) < (@lastStart, @lastId)"]];
        var where = driving.Length == 0 ? "" : $"WHERE {string.Join(" AND ", driving)}";
        var checks = filter.Checked(session.Dialect);
        var source = checks.Count == 0
            ? $"{month.Table} {where}"
            : $"(SELECT * FROM {month.Table} {where} ORDER BY started_at DESC, id DESC LIMIT @examine) r WHERE {string.Join(" AND ", checks)}";
        var rows = await session.QueryAsync<UsageRecordRow>($"SELECT {UsageRecordRow.Columns} FROM {source} ORDER BY started_at DESC, id DESC LIMIT @most", parameters).ConfigureAwait(false);
        if (rows.Count > limit)
        {
            // One more than wanted, so there is a next page; it begins after the last one given.
            return limit == 0 ? (rows.Take(0).ToList(), after ?? new RecordPlace(month.Past, ""), 0) : (rows.Take(limit).ToList(), Place(rows[limit - 1]), 0);
        }

        if (checks.Count == 0)
        {
            return (rows, null, 0);
        }

        // Was everything looked at, or only as much as a page may?
        var ordered = $"FROM {month.Table} {where} ORDER BY started_at DESC, id DESC";
        parameters.Add("skip", examine - 1);
        var edge = await session.QueryAsync<EdgeRow>($"SELECT started_at AS StartedAt, id AS Id {ordered} LIMIT 1 OFFSET @skip", parameters).ConfigureAwait(false);
        return edge is [{ } last]
            ? (rows, new RecordPlace(last.StartedAt, last.Id), examine)
            : (rows, null, await session.ScalarAsync<int>($"SELECT COUNT(*) FROM (SELECT 1 AS one {ordered} LIMIT @examine) e", parameters).ConfigureAwait(false));
    }

    /// <summary>The place in the list that a cursor names.</summary>
    public static bool TryReadCursor(string cursor, out RecordPlace place)
    {
        place = default;
        var bytes = new byte[cursor.Length];
        if (!Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':');
        if (parts.Length != 2 || parts[1].Length is not (0 or 32) || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt))
        {
            return false;
        }

        place = new RecordPlace(startedAt, parts[1]);
        return true;
    }

    private static RecordPlace Place(UsageRecordRow row) => new(row.StartedAt, row.Id);

    public static string Cursor(RecordPlace place)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.StartedAt}:{place.Id}")));

    private sealed class EdgeRow
    {
        public long StartedAt { get; init; }

        public required string Id { get; init; }
    }
}
