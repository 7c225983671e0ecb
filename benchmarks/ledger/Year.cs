using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.LedgerBenchmark;

/// <summary>A year of usage: aggregates through the ledger's own sums, raw records made by the store itself.</summary>
internal sealed class Year(Database database, DateTimeOffset end)
{
    /// <summary>Virtual keys that make its requests.</summary>
    public const int Keys = 300;

    private const int Models = 20;
    private const int ModelsOfKey = 3;
    private const int Days = 365;

    /// <summary>Where the year ends: the start of today, so that what comes in meanwhile lies outside.</summary>
    public DateTimeOffset End => end;

    public DateTimeOffset Start => end.AddDays(-Days);

    public static string Describe => $"{Keys} keys, {ModelsOfKey} of {Models} models each, 60 teams, 12 customers, 120 users, 5 providers, 8 routes, 10 tags";

    /// <summary>True when it is filled already.</summary>
    public Task<bool> IsThereAsync(CancellationToken cancellation)
        => database.ReadAsync(async s => await s.ScalarAsync<long>("SELECT COUNT(*) FROM usage_by_day WHERE dimension = 0 AND requests > 0").ConfigureAwait(false) >= Days, cancellation);

    /// <summary>Adds up requests, a day in one transaction.</summary>
    public async Task FillAggregatesAsync(long requests, CancellationToken cancellation)
    {
        var each = Math.Max(1, requests / ((long)Days * Keys * ModelsOfKey));
        for (var day = 0; day < Days; day++)
        {
            var sums = new AggregateBatch();
            for (var key = 0; key < Keys; key++)
            {
                for (var n = 0; n < ModelsOfKey; n++)
                {
                    sums.Add(Record(Start.AddDays(day), key, n, (int)each), EveryName.Instance);
                }
            }

            _ = await database.WriteAsync(
                async session =>
                {
                    await sums.WriteAsync(session).ConfigureAwait(false);
                    return true;
                },
                cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Makes raw records, spread evenly; indexes come after, as that is faster.</summary>
    public async Task FillRecordsAsync(long rows, CancellationToken cancellation)
    {
        var months = new List<UsageMonth>();
        for (var month = UsageMonth.Of(UsageTime.Micros(Start)); month.First < UsageTime.Micros(end); month = month.Next)
        {
            months.Add(month);
        }

        _ = await database.WriteAsync(session => UsagePartitions.CreateAsync(session, months), cancellation).ConfigureAwait(false);
        var (first, length) = (UsageTime.Micros(Start), UsageTime.Micros(end) - UsageTime.Micros(Start));
        var step = length / rows;
        foreach (var month in months)
        {
            var from = (Math.Max(month.First, first) - first + step - 1) / step;
            var to = Math.Min((Math.Min(month.Past, first + length) - first - 1) / step, rows - 1);
            _ = await database.WriteAsync(
                async session =>
                {
                    foreach (var index in RecordColumns.IndexNames(month.Table))
                    {
                        _ = await session.ExecuteAsync($"DROP INDEX IF EXISTS {index}").ConfigureAwait(false);
                    }

                    _ = await session.ExecuteAsync(RecordsSql.Fill(session.Dialect.HasPartitions, month.Table, first, step), new { from, to }).ConfigureAwait(false);
                    foreach (var index in RecordColumns.Indexes(month.Table))
                    {
                        _ = await session.ExecuteAsync(index).ConfigureAwait(false);
                    }

                    return true;
                },
                cancellation).ConfigureAwait(false);
        }

        _ = await database.ReadAsync(session => session.ExecuteAsync("ANALYZE;"), cancellation).ConfigureAwait(false);
    }

    private static UsageRecord Record(DateTimeOffset day, int key, int n, int count) => new()
    {
        Id = "",
        StartedAtMicros = UsageTime.Micros(day.AddHours(((key * 7) + n) % 24)),
        DurationMicros = 100_000 * (1 + ((key + n) % 50)),
        FirstByteMicros = 20_000 * (1 + ((key + n) % 30)),
        KeyId = Name("key", key),
        TeamId = Name("team", key % 60),
        CustomerId = Name("customer", key % 12),
        UserId = Name("user", key % 120),
        Operation = Operation.Chat,
        Model = Name("model", (key + (n * 7)) % Models),
        Route = Name("route", key % 8),
        ProviderId = Name("provider", (key + n) % 5),
        Tags = [Name("tag", key % 10)],
        Status = 200,
        Outcome = RequestOutcome.Completed,
        Tokens = new TokenUsage { Input = 900L * count, Output = 250L * count },
        CostNanoUsd = 4_000_000L * count,
        PriceVersion = "1",
        Count = count,
    };

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    private sealed class EveryName : IAggregateNames
    {
        public static EveryName Instance { get; } = new();

        public string ValueOf(UsageDimension dimension, long start, string value) => value;
    }
}
