using System.Data.Common;
using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Audit;

/// <summary>Signs chains as they grow, has checkpoints carried outside, and cuts what is too old.</summary>
internal sealed partial class CheckpointService(
    Checkpoints checkpoints, CheckpointDelivery delivery, StoreGate gate, TimeProvider time, ILogger<CheckpointService> logger)
    : StoreRounds(gate, TimeSpan.FromSeconds(2), time)
{
    private static readonly TimeSpan CutInterval = TimeSpan.FromMinutes(10);

    private DateTimeOffset _cutAt = DateTimeOffset.MinValue;

    protected override async Task RoundAsync(CancellationToken cancellation)
    {
        await checkpoints.SignAsync(all: false, cancellation).ConfigureAwait(false);
        await delivery.RunAsync(cancellation).ConfigureAwait(false);
        if (Time.GetUtcNow() - _cutAt >= CutInterval)
        {
            _cutAt = Time.GetUtcNow();
            if (await checkpoints.CutAsync(cancellation).ConfigureAwait(false) is var removed and > 0)
            {
                LogCut(logger, removed);
            }
        }
    }

    // Signing outlives any outage of the store or the disk; it is said once.
    protected override void Failed(Exception fault, bool again)
    {
        if (!again)
        {
            LogFailed(logger, fault is DbException ? fault.Message : fault.ToString());
        }
    }

    [LoggerMessage(LogLevel.Information, "{Rows} audit rows older than the retention were removed; the chains begin at signed anchors.")]
    private static partial void LogCut(ILogger logger, long rows);

    [LoggerMessage(LogLevel.Warning, "Audit checkpoints could not be made; trying again every two seconds. {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
