using System.Data.Common;
using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Audit;

/// <summary>Signs chains as they grow, has checkpoints carried outside, and cuts what is too old.</summary>
internal sealed partial class CheckpointService(
    Checkpoints checkpoints, CheckpointDelivery delivery, StoreGate gate, TimeProvider time, ILogger<CheckpointService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CutInterval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(Interval, time);
        var (failing, cutAt) = (false, DateTimeOffset.MinValue);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await checkpoints.SignAsync(all: false, stoppingToken).ConfigureAwait(false);
                await delivery.RunAsync(stoppingToken).ConfigureAwait(false);
                if (time.GetUtcNow() - cutAt >= CutInterval)
                {
                    cutAt = time.GetUtcNow();
                    if (await checkpoints.CutAsync(stoppingToken).ConfigureAwait(false) is var removed and > 0)
                    {
                        LogCut(logger, removed);
                    }
                }

                failing = false;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // Signing outlives any outage of the store or the disk; it is said once.
                if (!failing)
                {
                    LogFailed(logger, fault is DbException ? fault.Message : fault.ToString());
                }

                failing = true;
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Rows} audit rows older than the retention were removed; the chains begin at signed anchors.")]
    private static partial void LogCut(ILogger logger, long rows);

    [LoggerMessage(LogLevel.Warning, "Audit checkpoints could not be made; trying again every two seconds. {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
