using Gateway.ServiceDefaults.Health;

namespace Gateway.Edge.Journal;

/// <summary>Ready while usage can be recorded.</summary>
internal sealed class JournalCheck(IUsageJournal journal) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "usage journal";

    /// <inheritdoc/>
    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult(journal.NotReadyReason is { } reason ? ReadinessResult.NotReady(reason) : ReadinessResult.Ready());
}
