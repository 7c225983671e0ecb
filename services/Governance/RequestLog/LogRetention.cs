using Gateway.Governance.Bootstrap;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Retention;

namespace Gateway.Governance.RequestLog;

/// <summary>Deletes entries, bodies and sessions that are past their time, in steps that are short, so that nobody who writes waits long behind one.</summary>
internal sealed partial class LogRetention(
    Database database, LogMonths months, LogOptions options, UsageRetentionOptions usage, StoreGate gate, TimeProvider time, ILogger<LogRetention> logger)
    : StoreRounds(gate, options.Interval, time, atOnce: true)
{
    /// <summary>One round.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        foreach (var month in (await database.ReadAsync(LogMonths.ListAsync, cancellation).ConfigureAwait(false)).Order())
        {
            var details = Before(now, options.DetailDays);
            var bodies = Before(now, options.BodyDays);
            if (month.Past <= Math.Min(details, bodies))
            {
                await months.DropAsync(month, cancellation).ConfigureAwait(false);
                LogDropped(month.Number);
                continue;
            }

            await TrimBodiesAsync(month, bodies, cancellation).ConfigureAwait(false);
            await TrimAsync(LogSchema.Details(month), details, cancellation).ConfigureAwait(false);
        }

        if (usage.RecordDays > 0)
        {
            await TrimSessionsAsync(Before(now, usage.RecordDays), cancellation).ConfigureAwait(false);
        }
    }

    protected override Task RoundAsync(CancellationToken cancellation) => RunAsync(cancellation);

    // The next round takes up where this one stopped.
    protected override void Failed(Exception fault, bool again) => LogFailed(fault);

    private static long Before(DateTimeOffset now, int days) => days == 0 ? 0 : UsageTime.Micros(now.AddDays(-days));

    // A whole month goes at once with its words; of one that is not past yet, the words stay until then: they are keyed hashes of rows that are gone.
    private async Task TrimBodiesAsync(UsageMonth month, long before, CancellationToken cancellation)
    {
        if (month.Past > before)
        {
            await TrimAsync(LogSchema.Bodies(month), before, cancellation).ConfigureAwait(false);
        }
        else if (await database.ReadAsync(s => s.ScalarAsync<long?>($"SELECT MIN(place) FROM {LogSchema.Bodies(month)}"), cancellation).ConfigureAwait(false) is not null)
        {
            await months.ClearBodiesAsync(month, cancellation).ConfigureAwait(false);
        }
    }

    private Task TrimAsync(string table, long before, CancellationToken cancellation) => database.InStepsAsync(
        step => $"DELETE FROM {table} WHERE place IN (SELECT place FROM {table} WHERE place < @place ORDER BY place LIMIT {step})", new { place = LogPlace.First(before) }, cancellation);

    private Task TrimSessionsAsync(long before, CancellationToken cancellation) => database.InStepsAsync(
        static step => $"DELETE FROM request_sessions WHERE (key_id, session_id) IN (SELECT key_id, session_id FROM request_sessions WHERE last_at < @before ORDER BY last_at LIMIT {step})",
        new { before },
        cancellation);

    [LoggerMessage(LogLevel.Information, "The request log of the month {Month} is past its time and was dropped.")]
    private partial void LogDropped(int month);

    [LoggerMessage(LogLevel.Error, "A round of the retention of the request log failed; the next one goes on with it.")]
    private partial void LogFailed(Exception fault);
}
