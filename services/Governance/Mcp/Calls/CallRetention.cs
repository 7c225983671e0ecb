using Gateway.Governance.Bootstrap;
using Gateway.Governance.RequestLog;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>Deletes calls, and before that what was said in them, when they are past the time that the request log's entries and bodies are kept; in short steps.</summary>
internal sealed partial class CallRetention(Database database, LogOptions options, StoreGate gate, TimeProvider time, ILogger<CallRetention> logger)
    : StoreRounds(gate, options.Interval, time, atOnce: true)
{
    /// <summary>One round.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await TrimAsync("UPDATE mcp_calls SET sealed = ''", "AND sealed <> ''", options.BodyDays, cancellation).ConfigureAwait(false);
        await TrimAsync("DELETE FROM mcp_calls", "", options.DetailDays, cancellation).ConfigureAwait(false);
    }

    protected override Task RoundAsync(CancellationToken cancellation) => RunAsync(cancellation);

    // The next round takes up where this one stopped.
    protected override void Failed(Exception fault, bool again) => LogFailed(fault);

    private async Task TrimAsync(string action, string only, int days, CancellationToken cancellation)
    {
        if (days == 0)
        {
            return;
        }

        var before = UsageTime.Micros(Time.GetUtcNow().AddDays(-days));
        await database.InStepsAsync(
            step => $"{action} WHERE id IN (SELECT id FROM mcp_calls WHERE started_at < @before {only} ORDER BY started_at, id LIMIT {step})", new { before }, cancellation).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "A round of the retention of calls of tools failed; the next one goes on with it.")]
    private partial void LogFailed(Exception fault);
}
