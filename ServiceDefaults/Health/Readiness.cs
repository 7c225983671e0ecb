using Gateway.ServiceDefaults.Drain;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Health;

/// <summary>Asks all registered checks at once and sums them up.</summary>
internal sealed class Readiness(
    IEnumerable<IReadinessCheck> checks, IDrain drain, ServiceIdentity identity, TimeProvider time, ILogger<Readiness> log) : IDisposable
{
    private readonly CachedCheck[] checks = [.. checks.Select(c => new CachedCheck(c, time, log))];

    /// <summary>The report, and whether the service may be sent requests.</summary>
    public async Task<(HealthReport Report, bool Ready)> GetAsync(CancellationToken cancellationToken)
    {
        var entries = await Task.WhenAll(checks.Select(c => c.GetAsync(cancellationToken))).ConfigureAwait(false);
        var notReady = entries.Any(e => e.Status == CachedCheck.Text(ReadinessStatus.NotReady));
        var degraded = entries.Any(e => e.Status == CachedCheck.Text(ReadinessStatus.Degraded));
        var status = drain.IsDraining ? "draining" : CachedCheck.Text(
            notReady ? ReadinessStatus.NotReady : degraded ? ReadinessStatus.Degraded : ReadinessStatus.Ready);
        return (new HealthReport(status, identity.Name, identity.Version, entries), !drain.IsDraining && !notReady);
    }

    public void Dispose()
    {
        foreach (var check in checks)
        {
            check.Dispose();
        }
    }
}
