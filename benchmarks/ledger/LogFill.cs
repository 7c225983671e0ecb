using System.Globalization;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.RequestLog.Ingestion;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.LedgerBenchmark;

/// <summary>
/// Gives each raw record of the year an entry with bodies of the request log, whose words are spread as in a language: a few are everywhere, most are rare. The bodies themselves are
/// short: a list reads none of them, and their words are what takes time.
/// </summary>
internal sealed class LogFill(Service service, Year year, long rows)
{
    /// <summary>In every body.</summary>
    public const string Everywhere = "everywhere";

    /// <summary>In one of a hundred.</summary>
    public const string Common = "common";

    /// <summary>In one of fifty thousand.</summary>
    public const string Rare = "rare";

    /// <summary>In one alone, in the middle of the year.</summary>
    public const string Once = "once";

    private const int WordsOfBody = 30;
    private const int Vocabulary = 30_000;
    private const int Together = 5_000;

    private static readonly string Sealed = new('A', 400);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var (first, length) = (UsageTime.Micros(year.Start), UsageTime.Micros(year.End) - UsageTime.Micros(year.Start));
        var step = length / rows;
        var months = new List<UsageMonth>();
        for (var month = UsageMonth.Of(first); month.First < first + length; month = month.Next)
        {
            months.Add(month);
        }

        await service.Of<LogMonths>().EnsureAsync(months, cancellation).ConfigureAwait(false);
        foreach (var month in months)
        {
            var keys = (await service.Database.ReadAsync(s => service.Of<LogSecrets>().FindAsync(s, month), cancellation).ConfigureAwait(false))!;
            var from = (Math.Max(month.First, first) - first + step - 1) / step;
            var to = Math.Min((Math.Min(month.Past, first + length) - first - 1) / step, rows - 1);
            var isPostgres = service.Database.Dialect.HasPartitions;
            if (isPostgres)
            {
                // Made anew afterwards, which is faster than keeping it up to date.
                _ = await service.Database.WriteAsync(s => s.ExecuteAsync($"DROP INDEX IF EXISTS {LogSchema.Bodies(month)}_words"), cancellation).ConfigureAwait(false);
            }

            var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = from; i <= to; i += Together)
            {
                var batch = Enumerable.Range(0, (int)Math.Min(Together, to - i + 1)).Select(n => Row(i + n, first + ((i + n) * step), keys, hashes)).ToList();
                _ = await service.Database.WriteAsync(s => InsertAsync(s, month, batch), cancellation).ConfigureAwait(false);
            }

            _ = await service.Database.WriteAsync(
                async session =>
                {
                    foreach (var sql in LogSchema.Create(month, session.Dialect))
                    {
                        _ = await session.ExecuteAsync(sql).ConfigureAwait(false);
                    }

                    return true;
                },
                cancellation).ConfigureAwait(false);
        }

        _ = await service.Database.WriteAsync(
            async session =>
            {
                await Governance.RequestLog.Sessions.SessionBook.FillAsync(session).ConfigureAwait(false);
                return true;
            },
            cancellation).ConfigureAwait(false);
        _ = await service.Database.ReadAsync(session => session.ExecuteAsync("ANALYZE;"), cancellation).ConfigureAwait(false);
    }

    private static async Task<bool> InsertAsync(DbSession session, UsageMonth month, List<StoredLog> rows)
    {
        _ = await session.BulkInsertAsync(StoredLog.Details(LogSchema.Details(month)), rows).ConfigureAwait(false);
        _ = await session.BulkInsertAsync(StoredLog.Bodies(LogSchema.Bodies(month), session.Dialect.HasPartitions), rows).ConfigureAwait(false);
        if (!session.Dialect.HasPartitions)
        {
            _ = await session.ExecuteAsync($"INSERT INTO {LogSchema.Words(month)} (rowid, words) VALUES (@Place, @Words)", rows.Select(r => new { r.Place, r.Words })).ConfigureAwait(false);
        }

        return true;
    }

    private StoredLog Row(long i, long startedAt, MonthKeys keys, Dictionary<string, string> hashes)
    {
        // The same texts as the records have, which the store makes of the same numbers.
        var h = i * 2654435761 % 4294967296;
        var id = i.ToString("x32", CultureInfo.InvariantCulture);
        var entry = new RequestLogEntry
        {
            Id = id,
            StartedAtMicros = startedAt,
            RequestId = Name("r", i),
            KeyId = Name("key", h % 300),
            TeamId = Name("team", h % 60),
            CustomerId = h % 2 == 0 ? Name("customer", h % 12) : "",
            EndUser = h % 4 == 0 ? Name("end-user", h % 50000) : "",
            SessionId = h % 5 == 0 ? Name("session", i / 20) : "",
            Model = Name("model", h % 20),
            Request = new LoggedBody { Bytes = 400 },
        };
        var words = new HashSet<string>(LogFacts.Of(entry), StringComparer.Ordinal) { Everywhere };
        var random = new Random((int)(h & 0x7FFFFFFF));
        for (var n = 0; n < WordsOfBody; n++)
        {
            _ = words.Add(Name("w", (long)Math.Pow(Vocabulary, random.NextDouble())));
        }

        Add(i % 100 == 3, Common);
        Add(i % 50_000 == 7, Rare);
        Add(i == rows / 2, Once);
        return new StoredLog("edge-1", entry)
        {
            Place = LogPlace.Of(startedAt, id),
            Sealed = Sealed,
            Words = string.Join(' ', words.Select(w => hashes.TryGetValue(w, out var known) ? known : hashes[w] = Words.Hash(keys.Words, w))),
        };

        void Add(bool has, string word)
        {
            if (has)
            {
                _ = words.Add(word);
            }
        }
    }

    private static string Name(string kind, long number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");
}
