using Gateway.Governance.Bootstrap;
using Gateway.Governance.RequestLog;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>Deletes calls, and before that what was said in them, when they are past the time that the request log's entries and bodies are kept; in short steps.</summary>
internal sealed partial class CallRetention(Database database, LogOptions options, StoreGate gate, TimeProvider time, ILogger<CallRetention> logger) : BackgroundService
{
    private const int Step = 1_000;

    /// <summary>One round.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await TrimAsync("UPDATE mcp_calls SET sealed = ''", "AND sealed <> ''", options.BodyDays, cancellation).ConfigureAwait(false);
        await TrimAsync("DELETE FROM mcp_calls", "", options.DetailDays, cancellation).ConfigureAwait(false);
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
                LogFailed(fault);
            }

            await Task.Delay(options.Interval, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task TrimAsync(string action, string only, int days, CancellationToken cancellation)
    {
        if (days == 0)
        {
            return;
        }

        var before = UsageTime.Micros(time.GetUtcNow().AddDays(-days));
        for (var gone = Step; gone == Step;)
        {
            gone = await database.WriteAsync(
                s => s.ExecuteAsync($"{action} WHERE id IN (SELECT id FROM mcp_calls WHERE started_at < @before {only} ORDER BY started_at, id LIMIT {Step})", new { before }), cancellation).ConfigureAwait(false);
        }
    }

    [LoggerMessage(LogLevel.Error, "A round of the retention of calls of tools failed; the next one goes on with it.")]
    private partial void LogFailed(Exception fault);
}
