using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage;

/// <summary>Which records are wanted.</summary>
internal sealed record UsageRecordFilter(string? Key, string? Model, int? Status, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Pages through the records, newest first, by keyset: page 1,000 costs what page 1 does.</summary>
internal sealed class UsageRecordQuery(Database database)
{
    public async Task<UsageRecordPage> PageAsync(UsageRecordFilter filter, (long StartedAt, string Id)? after, int limit, CancellationToken cancellation)
    {
        var where = new List<string>();
        Only(filter.Key is not null, "key_id = @key");
        Only(filter.Model is not null, "model = @model");
        Only(filter.Status is not null, "status = @status");
        Only(filter.From is not null, "started_at >= @from");
        Only(filter.To is not null, "started_at < @to");
        Only(after is not null, "(started_at, id) < (@lastStart, @lastId)");
        var sql =
            $"""
             SELECT {UsageRecordRow.Columns}
             FROM usage_records {(where.Count == 0 ? "" : $"WHERE {string.Join(" AND ", where)}")}
             ORDER BY started_at DESC, id DESC LIMIT @most
             """;
        var parameters = new
        {
            key = filter.Key,
            model = filter.Model,
            status = filter.Status,
            from = filter.From is { } from ? UsageQueries.Micros(from) : 0,
            to = filter.To is { } to ? UsageQueries.Micros(to) : 0,
            lastStart = after?.StartedAt ?? 0,
            lastId = after?.Id ?? "",
            most = limit + 1,
        };
        var rows = await database.ReadAsync(session => session.QueryAsync<UsageRecordRow>(sql, parameters), cancellation).ConfigureAwait(false);
        return new UsageRecordPage
        {
            Items = [.. rows.Take(limit).Select(r => r.ToView())],
            Next = rows.Count > limit ? Cursor(rows[limit - 1]) : null,
        };

        void Only(bool wanted, string condition)
        {
            if (wanted)
            {
                where.Add(condition);
            }
        }
    }

    /// <summary>The place in the list that a cursor names.</summary>
    public static bool TryReadCursor(string cursor, out (long StartedAt, string Id) place)
    {
        place = default;
        var bytes = new byte[cursor.Length];
        if (!Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':');
        if (parts.Length != 2 || parts[1].Length != 32 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt))
        {
            return false;
        }

        place = (startedAt, parts[1]);
        return true;
    }

    private static string Cursor(UsageRecordRow row)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{row.StartedAt}:{row.Id}")));
}
