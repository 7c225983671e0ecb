using Gateway.Governance.Bootstrap;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Reports;

namespace Gateway.Governance.Usage.Retention;

/// <summary>Makes the tables of coming months ahead of need and drops what is past its time, in steps that are short, so that records never wait long behind one.</summary>
internal sealed partial class UsageRetention(
    Database database, UsagePartitions partitions, UsageRetentionOptions options, StoreGate gate, TimeProvider time, ILogger<UsageRetention> logger)
    : StoreRounds(gate, options.Interval, time, atOnce: true)
{
    private const int MonthsAhead = 2;
    private const int RowsOfStep = 20_000;

    // A run of an edge that is not heard of for so long has no records under way any more.
    private static readonly TimeSpan ForgetRunsAfter = TimeSpan.FromDays(400);

    /// <summary>One round.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        var month = UsageMonth.Of(UsageTime.Micros(now));
        await partitions.EnsureAsync(Enumerable.Range(0, MonthsAhead + 1).Select(i => Enumerable.Range(0, i).Aggregate(month, (m, _) => m.Next)), cancellation).ConfigureAwait(false);
        if (options.RecordDays > 0)
        {
            await DropRecordsAsync(UsageTime.Micros(now.AddDays(-options.RecordDays)), cancellation).ConfigureAwait(false);
        }

        await DropAggregatesAsync(UsageRetained.HourKind, "hour", options.HourlyDays, UsageTime.FloorDay, now, cancellation).ConfigureAwait(false);
        await DropLatenciesAsync(now, cancellation).ConfigureAwait(false);

        // Days go by whole months, as what stays of them is months: none is half there and half in its month only.
        await DropAggregatesAsync(UsageRetained.DayKind, "day", options.DailyDays, UsageTime.FloorMonth, now, cancellation).ConfigureAwait(false);
        await DropAggregatesAsync(UsageRetained.MonthKind, "month", options.MonthlyDays, UsageTime.FloorMonth, now, cancellation).ConfigureAwait(false);
        await database.WriteAsync(session => UsageSources.ForgetAsync(session, now - ForgetRunsAfter), cancellation).ConfigureAwait(false);
    }

    protected override Task RoundAsync(CancellationToken cancellation) => RunAsync(cancellation);

    // The next round takes up where this one stopped.
    protected override void Failed(Exception fault, bool again) => LogFailed(logger, fault);

    private async Task DropRecordsAsync(long before, CancellationToken cancellation)
    {
        var months = await database.ReadAsync(UsagePartitions.ListAsync, cancellation).ConfigureAwait(false);
        foreach (var month in months.Where(m => m.Past <= before).Order())
        {
            // Noted first: from now on reports do not count on these records, and what comes again of them is known by its place in its journal.
            await database.WriteAsync(session => UsageRetained.NoteAsync(session, UsageRetained.RecordKind, month.Past), cancellation).ConfigureAwait(false);
            await partitions.DropAsync(month, cancellation).ConfigureAwait(false);
            LogDropped(logger, month.Number);
        }
    }

    private async Task DropAggregatesAsync(string kind, string unit, int days, Func<long, long> floor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (days == 0)
        {
            return;
        }

        var since = floor(UsageTime.Micros(now.AddDays(-days)));
        var oldest = await database.ReadAsync(
            session => session.ScalarAsync<long?>($"SELECT MIN(start) FROM usage_by_{unit} WHERE dimension = {(int)UsageDimension.Total}"), cancellation).ConfigureAwait(false);
        if (oldest is null || oldest >= since)
        {
            return;
        }

        await database.WriteAsync(session => UsageRetained.NoteAsync(session, kind, since), cancellation).ConfigureAwait(false);
        var rows = 0L;
        if (unit is "hour" or "day")
        {
            rows += await DropLatenciesAsync(unit, since, cancellation).ConfigureAwait(false);
        }

        var step = unit == "month" ? (Func<long, long>)(at => UsageTime.CeilingMonth(at + 1)) : static at => at + UsageTime.Day;
        for (var (at, next) = (floor(oldest.Value), 0L); at < since; at = next)
        {
            next = step(at);
            foreach (var table in (string[])["cube", "by", "latency"])
            {
                // By dimension where there is one: so each is a range of the table's key.
                var dimensions = table == "cube" ? [""] : Enum.GetValues<UsageDimension>().Select(d => $"dimension = {(int)d} AND ").ToArray();
                foreach (var dimension in dimensions)
                {
                    var (from, past) = (at, next);
                    rows += await database.WriteAsync(
                        session => session.ExecuteAsync($"DELETE FROM usage_{table}_{unit} WHERE {dimension}start >= {from} AND start < {past}"), cancellation).ConfigureAwait(false);
                }
            }
        }

        LogTrimmed(logger, kind, rows, UsageTime.Instant(since));
    }

    private async Task DropLatenciesAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        if (options.HourlyLatencyDays == 0)
        {
            return;
        }

        var since = UsageTime.FloorDay(UsageTime.Micros(now.AddDays(-options.HourlyLatencyDays)));
        if (await database.WriteAsync(session => UsageRetained.NoteAsync(session, UsageRetained.LatencyKind, since), cancellation).ConfigureAwait(false) > 0)
        {
            _ = await DropLatenciesAsync("hour", since, cancellation).ConfigureAwait(false);
        }
    }

    // These lie by value: some values at a time, so that no step is long however many there are.
    private async Task<long> DropLatenciesAsync(string unit, long since, CancellationToken cancellation)
    {
        var rows = 0L;
        foreach (var dimension in Enum.GetValues<UsageDimension>().Except(LatencyRow.ByStart))
        {
            for (var after = ""; after is not null;)
            {
                var from = after;
                var past = await database.ReadAsync(
                    session => session.ScalarAsync<string?>(
                        $"SELECT MAX(value) FROM (SELECT value FROM usage_latency_of_{unit} WHERE dimension = {(int)dimension} AND value >= @from ORDER BY value LIMIT {RowsOfStep}) v", new { from }),
                    cancellation).ConfigureAwait(false);
                if (past is null)
                {
                    break;
                }

                rows += await database.WriteAsync(
                    session => session.ExecuteAsync($"DELETE FROM usage_latency_of_{unit} WHERE dimension = {(int)dimension} AND value >= @from AND value <= @past AND start < @since", new { from, past, since }),
                    cancellation).ConfigureAwait(false);
                after = past == from ? await NextAsync(unit, dimension, from, cancellation).ConfigureAwait(false) : past;
            }
        }

        return rows;
    }

    private Task<string?> NextAsync(string unit, UsageDimension dimension, string after, CancellationToken cancellation) => database.ReadAsync(
        session => session.ScalarAsync<string?>($"SELECT MIN(value) FROM usage_latency_of_{unit} WHERE dimension = {(int)dimension} AND value > @after", new { after }), cancellation);

    [LoggerMessage(LogLevel.Information, "Usage records of the month {Month} are past their time and were dropped; their totals stay.")]
    private static partial void LogDropped(ILogger logger, int month);

    [LoggerMessage(LogLevel.Information, "Totals of {Kind} are kept since {Since} only; {Rows} older rows were removed.")]
    private static partial void LogTrimmed(ILogger logger, string kind, long rows, DateTimeOffset since);

    [LoggerMessage(LogLevel.Error, "A round of the retention of usage failed; the next one goes on with it.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
