using Gateway.Governance.Bootstrap;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Ledger;

/// <summary>Gives up runs that have long been silent, and deletes what lies too far back.</summary>
internal sealed partial class RunSweeper(
    Database database, AccountBook book, RunBook runs, LedgerOptions options, StoreGate gate, TimeProvider time, ILogger<RunSweeper> logger)
    : StoreRounds(gate, TimeSpan.FromSeconds(30), time)
{
    private static readonly long _hoursKept = TimeSpan.FromDays(400).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Since when runs could reach the ledger without a break: while it was away, their silence says nothing.</summary>
    private long _reachableSince;

    protected override async Task BeforeAsync(CancellationToken cancellation)
    {
        await base.BeforeAsync(cancellation).ConfigureAwait(false);
        _reachableSince = book.Now;
    }

    protected override Task RoundAsync(CancellationToken cancellation) => SweepAsync(_reachableSince, cancellation);

    protected override void Failed(Exception fault, bool again)
    {
        _reachableSince = book.Now;
        if (!again)
        {
            LogFailed(logger, fault);
        }
    }

    /// <summary>One round.</summary>
    public async Task SweepAsync(long reachableSince, CancellationToken cancellation)
    {
        var now = book.Now;
        var before = now - (options.AbandonedAfter.Ticks / TimeSpan.TicksPerMicrosecond);
        var (abandoned, forgotten) = await database.WriteAsync(
            async session =>
            {
                var silent = before > reachableSince ? await runs.AbandonAsync(session, before).ConfigureAwait(false) : 0;
                await session.ExecuteAsync("DELETE FROM budget_parts WHERE counts_until < @old", new { old = now - 3_600_000_000 }).ConfigureAwait(false);
                await FoldHoursAsync(session, now - _hoursKept).ConfigureAwait(false);
                await session.ExecuteAsync("DELETE FROM budget_leases WHERE account_id IN (SELECT id FROM budget_accounts WHERE keep_until < @now)", new { now }).ConfigureAwait(false);
                return (silent, await session.ExecuteAsync("DELETE FROM budget_accounts WHERE keep_until < @now", new { now }).ConfigureAwait(false));
            },
            cancellation).ConfigureAwait(false);
        if (forgotten > 0)
        {
            book.Forget();
        }

        if (abandoned > 0)
        {
            LogAbandoned(logger, abandoned, options.AbandonedAfter);
        }
    }

    /// <summary>Hours beyond every window but the endless ones are kept as one sum, under the hour 0.</summary>
    private static async Task FoldHoursAsync(DbSession session, long old)
    {
        await session.ExecuteAsync(
            """
            INSERT INTO budget_hours (budget_id, hour, settled)
            SELECT budget_id, 0, CAST(SUM(settled) AS BIGINT) FROM budget_hours WHERE hour > 0 AND hour < @old GROUP BY budget_id
            ON CONFLICT (budget_id, hour) DO UPDATE SET settled = budget_hours.settled + excluded.settled
            """,
            new { old }).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM budget_hours WHERE hour > 0 AND hour < @old", new { old }).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "{Runs} runs of edges have not asked for {After} and are given up: what they had leased goes to others. If one of them still spends, a budget can be passed.")]
    private static partial void LogAbandoned(ILogger logger, int runs, TimeSpan after);

    [LoggerMessage(LogLevel.Warning, "Budget accounts could not be swept; it is tried again every 30 seconds.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
