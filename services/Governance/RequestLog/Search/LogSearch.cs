using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.RequestLog.Search;

/// <summary>What is searched for.</summary>
/// <param name="Records">Conditions on the usage records.</param>
/// <param name="Words">Words that what was said must have; empty for any.</param>
/// <param name="RequestId">The id that the caller got, or null for any.</param>
internal sealed record LogQuestion(UsageRecordFilter Records, IReadOnlyCollection<string> Words, string? RequestId);

/// <summary>
/// Pages through the request log, newest first, by keyset. Without words the usage records are searched, which say all that is filtered by; with words, what was said is, and the
/// records are looked up. A page looks at a bounded number of entries, so a search for something rare gives short pages rather than slow ones.
/// </summary>
internal sealed class LogSearch(Database database, LogSecrets secrets)
{
    // Of a search by words: entries that the words find and the other filters may refuse.
    private const int MostExamined = 1_000;
    private const int Together = 200;
    private const int MostOfRequestId = 100;

    // A month without matches takes a look-up or two; there can be many months.
    private static readonly TimeSpan LongEnough = TimeSpan.FromMilliseconds(20);

    public Task<LogPage> PageAsync(LogQuestion question, LogCursor? after, int limit, CancellationToken cancellation) => LogMonths.ReadAsync(
        database,
        session => question.RequestId is { } request ? OfRequestAsync(session, question, request)
            : question.Words.Count > 0 ? ByWordsAsync(session, question, after?.Place ?? long.MaxValue, limit)
            : ByRecordsAsync(session, question, after, limit),
        cancellation);

    private static async Task<LogPage> ByRecordsAsync(DbSession session, LogQuestion question, LogCursor? after, int limit)
    {
        var (rows, next) = await UsageRecordQuery.ReadAsync(session, question.Records, after?.Record, limit).ConfigureAwait(false);
        return new LogPage { Items = await ItemsAsync(session, rows).ConfigureAwait(false), Next = next is { } place ? LogCursor.Of(place) : null };
    }

    private static async Task<LogPage> OfRequestAsync(DbSession session, LogQuestion question, string request)
    {
        var items = new List<LogItem>();
        foreach (var month in await LogMonths.ListAsync(session).ConfigureAwait(false))
        {
            if (items.Count < MostOfRequestId && question.Records.Touches(month))
            {
                var ids = await session.QueryAsync<string>(
                    $"SELECT id FROM {LogSchema.Details(month)} WHERE request_id = @request ORDER BY place DESC LIMIT {MostOfRequestId}", new { request = UsageText.Clean(request) }).ConfigureAwait(false);
                var records = await LogRows.RecordsAsync(session, month, ids, question.Records).ConfigureAwait(false);
                items.AddRange(await ItemsAsync(session, [.. records.OrderByDescending(r => (r.StartedAt, r.Id))]).ConfigureAwait(false));
            }
        }

        return new LogPage { Items = items };
    }

    private async Task<LogPage> ByWordsAsync(DbSession session, LogQuestion question, long before, int limit)
    {
        var filter = question.Records;
        var began = Stopwatch.GetTimestamp();
        var items = new List<LogItem>(limit);
        var examined = 0;
        var from = filter.From is { } first ? LogPlace.First(UsageTime.Micros(first)) : 0;
        before = filter.To is { } to ? Math.Min(before, LogPlace.First(UsageTime.Micros(to))) : before;
        List<string> words = [.. question.Words, .. Facts(filter)];
        var isRare = false;
        foreach (var month in (await LogMonths.ListAsync(session).ConfigureAwait(false)).Where(filter.Touches))
        {
            var (low, high) = (Math.Max(from, LogPlace.First(month.First)), Math.Min(before, LogPlace.First(month.Past)));
            if (low >= high || await secrets.FindAsync(session, month).ConfigureAwait(false) is not { } keys)
            {
                continue;
            }

            while (true)
            {
                if (Stopwatch.GetElapsedTime(began) > LongEnough || examined >= MostExamined)
                {
                    return new LogPage { Items = items, Next = LogCursor.Of(high) };
                }

                var want = Math.Min(Together, Math.Max(limit + 1, 1));
                var places = await TextSearch.FindAsync(session, month, w => Words.Hash(keys.Words, w), words, low, high, want, isRare).ConfigureAwait(false);
                examined += places.Count;
                foreach (var (place, item) in await ItemsAsync(session, month, places, filter).ConfigureAwait(false))
                {
                    if (items.Count == limit)
                    {
                        return new LogPage { Items = items, Next = LogCursor.Of(high) };
                    }

                    items.Add(item);
                    high = place;
                }

                if (places.Count < want)
                {
                    isRare = low == LogPlace.First(month.First);
                    break;
                }

                high = places[^1];
            }
        }

        return new LogPage { Items = items };
    }

    private static async Task<IReadOnlyList<LogItem>> ItemsAsync(DbSession session, IReadOnlyList<UsageRecordRow> rows)
    {
        var (details, bodies) = await LogRows.OfAsync(session, rows.Select(r => (r.Id, r.StartedAt))).ConfigureAwait(false);
        return [.. rows.Select(r => LogRows.Item(r.Id, r.StartedAt, r, details.GetValueOrDefault(r.Id), bodies.Contains(r.Id)))];
    }

    /// <summary>What lies at places, newest first, as far as the filter lets it through.</summary>
    private static async Task<IReadOnlyList<(long Place, LogItem Item)>> ItemsAsync(DbSession session, UsageMonth month, IReadOnlyList<long> places, UsageRecordFilter filter)
    {
        if (places.Count == 0)
        {
            return [];
        }

        var bodies = await session.QueryAsync<FoundRow>(
            $"SELECT place, id FROM {LogSchema.Bodies(month)} WHERE {session.Dialect.OneOf("place", "@places")}", new { places = places.ToArray() }).ConfigureAwait(false);
        var records = (await LogRows.RecordsAsync(session, month, [.. bodies.Select(b => b.Id)], filter).ConfigureAwait(false)).ToDictionary(r => r.Id, StringComparer.Ordinal);
        var (details, _) = await LogRows.OfAsync(session, bodies.Select(b => (b.Id, LogPlace.Micros(b.Place)))).ConfigureAwait(false);

        // Without its record, which may have been summed up, an entry passes only filters that its words answer.
        var passes = filter.Checked(session.Dialect).Concat(filter.Indexed).All(IsFact);
        return
        [
            .. bodies.Where(b => passes || records.ContainsKey(b.Id)).OrderByDescending(b => b.Place)
                .Select(b => (b.Place, LogRows.Item(b.Id, LogPlace.Micros(b.Place), records.GetValueOrDefault(b.Id), details.GetValueOrDefault(b.Id), hasBodies: true))),
        ];
    }

    private static bool IsFact(string condition) => condition is "key_id = @key_id" or "team_id = @team_id" or "customer_id = @customer_id" or "end_user = @end_user" or "session_id = @session_id" or "model = @model"
        || condition.EndsWith(" <> ''", StringComparison.Ordinal);

    private static IEnumerable<string> Facts(UsageRecordFilter filter) => ((
        (string Name, string? Value)[])
        [("key", filter.Key), ("team", filter.Team), ("customer", filter.Customer), ("endUser", filter.EndUser), ("session", filter.Session), ("model", filter.Model)])
        .Where(f => f.Value is { Length: > 0 }).Select(f => Words.Fact(f.Name, UsageText.Clean(f.Value!)));

    private sealed class FoundRow
    {
        public long Place { get; init; }

        public required string Id { get; init; }
    }
}

/// <summary>Where a page begins: after a usage record, or before a place of the entries.</summary>
internal readonly record struct LogCursor(RecordPlace? Record, long? Place)
{
    private const string ByPlace = "p:";

    public static string Of(RecordPlace place) => UsageRecordQuery.Cursor(place);

    public static string Of(long place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ByPlace}{place}")));

    public static bool TryRead(string text, bool byWords, out LogCursor cursor)
    {
        cursor = default;
        if (!byWords)
        {
            var isGood = UsageRecordQuery.TryReadCursor(text, out var record);
            cursor = new LogCursor(record, null);
            return isGood;
        }

        var bytes = new byte[text.Length];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || Encoding.UTF8.GetString(bytes, 0, length) is not { } plain || !plain.StartsWith(ByPlace, StringComparison.Ordinal)
            || !long.TryParse(plain.AsSpan(ByPlace.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            return false;
        }

        cursor = new LogCursor(null, place);
        return true;
    }
}
