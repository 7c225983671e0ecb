using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Entries;

/// <summary>Looks for changes that other instances made in the same database, often enough that an edge has them in well under a second.</summary>
internal sealed partial class StoreWatcher(ConfigStore store, StoreGate gate, TimeProvider time, ILogger<StoreWatcher> logger)
    : StoreRounds(gate, TimeSpan.FromMilliseconds(250), time)
{
    protected override Task RoundAsync(CancellationToken cancellation) => store.CurrentAsync(cancellation);

    // The watch outlives any outage of the store; it is said once, not four times a second.
    protected override void Failed(Exception fault, bool again)
    {
        if (!again)
        {
            LogFailed(logger, fault);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The store does not answer; edges keep their last snapshot until it does.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
