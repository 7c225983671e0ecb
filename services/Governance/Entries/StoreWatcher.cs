using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Entries;

/// <summary>Looks for changes that other instances made in the same database, often enough that an edge has them in well under a second.</summary>
internal sealed partial class StoreWatcher(ConfigStore store, StoreGate gate, TimeProvider time, ILogger<StoreWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(Interval, time);
        var failing = false;
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await store.CurrentAsync(stoppingToken).ConfigureAwait(false);
                failing = false;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The watch outlives any outage of the store; it is said once, not four times a second.
                if (!failing)
                {
                    LogFailed(logger, fault);
                }

                failing = true;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store does not answer; edges keep their last snapshot until it does.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
