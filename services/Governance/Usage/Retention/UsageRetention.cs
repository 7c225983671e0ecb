using Gateway.Governance.Bootstrap;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Reports;

namespace Gateway.Governance.Usage.Retention;

/// <summary>Makes the tables of coming months ahead of need and drops what is past its time, in steps that are short, so that records never wait long behind one.</summary>
internal sealed partial class UsageRetention(
    Database database, UsagePartitions partitions, UsageRetentionOptions options, StoreGate gate, TimeProvider time, ILogger<UsageRetention> logger) : BackgroundService
{
    private const int MonthsAhead = 2;

    // A run of an edge that is not heard of for so long has no records under way any more.
    private static readonly TimeSpan ForgetRunsAfter = TimeSpan.FromDays(400);

    /// <summary>One round.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var month = UsageMonth.Of(UsageTime.Micros(now));
        await partitions.EnsureAsync(Enumerable.Range(0, MonthsAhead + 1).Select(i => Enumerable.Range(0, i).Aggregate(month, (m, _) => m.Next)), cancellation).ConfigureAwait(false);
        if (options.RecordDays > 0)
        {
            await DropRecordsAsync(UsageTime.Micros(now.AddDays(-options.RecordDays)), cancellation).ConfigureAwait(false);
        }

        if (options.HourlyDays > 0)
        {
            await DropAggregatesAsync(UsageRetained.HourKind, ["usage_cube_hour", "usage_by_hour", "usage_latency_hour"], UsageTime.Micros(now.AddDays(-options.HourlyDays)), cancellation).ConfigureAwait(false);
        }

        if (options.DailyDays > 0)
        {
            await DropAggregatesAsync(UsageRetained.DayKind, ["usage_cube_day", "usage_by_day", "usage_latency_day"], UsageTime.Micros(now.AddDays(-options.DailyDays)), cancellation).ConfigureAwait(false);
        }

        await database.WriteAsync(session => UsageSources.ForgetAsync(session, now - ForgetRunsAfter), cancellation).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The next round takes up where this one stopped.
                LogFailed(logger, fault);
            }

            await Task.Delay(options.Interval, time, stoppingToken).ConfigureAwait(false);
        }
    }

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

    private async Task DropAggregatesAsync(string kind, string[] tables, long before, CancellationToken cancellation)
    {
        var since = UsageTime.Floor(before, UsageTime.Day);
        var oldest = await database.ReadAsync(
            session => session.ScalarAsync<long?>($"SELECT MIN(start) FROM {tables[1]} WHERE dimension = {(int)UsageDimension.Total}"), cancellation).ConfigureAwait(false);
        if (oldest is null || oldest >= since)
        {
            return;
        }

        await database.WriteAsync(session => UsageRetained.NoteAsync(session, kind, since), cancellation).ConfigureAwait(false);
        var rows = 0L;
        for (var day = UsageTime.Floor(oldest.Value, UsageTime.Day); day < since; day += UsageTime.Day)
        {
            foreach (var table in tables)
            {
                // By dimension where there is one: so each is a range of the table's key.
                var dimensions = table.Contains("cube", StringComparison.Ordinal) ? [""] : Enum.GetValues<UsageDimension>().Select(d => $"dimension = {(int)d} AND ").ToArray();
                foreach (var dimension in dimensions)
                {
                    var (from, past) = (day, day + UsageTime.Day);
                    rows += await database.WriteAsync(
                        session => session.ExecuteAsync($"DELETE FROM {table} WHERE {dimension}start >= {from} AND start < {past}"), cancellation).ConfigureAwait(false);
                }
            }
        }

        LogTrimmed(logger, kind, rows, UsageTime.Instant(since));
    }

    [LoggerMessage(LogLevel.Information, "Usage records of the month {Month} are past their time and were dropped; their totals stay.")]
    private static partial void LogDropped(ILogger logger, int month);

    [LoggerMessage(LogLevel.Information, "Totals of {Kind} are kept since {Since} only; {Rows} older rows were removed.")]
    private static partial void LogTrimmed(ILogger logger, string kind, long rows, DateTimeOffset since);

    [LoggerMessage(LogLevel.Error, "A round of the retention of usage failed; the next one goes on with it.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
