using Gateway.Edge.Journal;
using Gateway.Edge.Runtime;
using Gateway.ServiceDefaults.Health;

namespace Gateway.Edge.Hosting;

/// <summary>The edge is ready once it has a configuration and can record what it serves.</summary>
internal sealed class EdgeReadiness(RuntimeHolder runtime, IUsageJournal journal) : IReadinessCheck
{
    public string Name => "edge";

    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        runtime.Current is null ? ReadinessResult.NotReady("no configuration yet")
        : journal.NotReadyReason is { } reason ? ReadinessResult.NotReady(reason)
        : ReadinessResult.Ready());
}
