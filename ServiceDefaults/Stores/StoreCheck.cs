using Gateway.ServiceDefaults.Health;

namespace Gateway.ServiceDefaults.Stores;

/// <summary>Readiness of a store: one round trip.</summary>
internal abstract class StoreCheck(string name, StoreNeed need) : IReadinessCheck
{
    public string Name => name;

    public async ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PingAsync(cancellationToken).ConfigureAwait(false);
            return ReadinessResult.Ready();
        }
        catch (Exception e) when (need == StoreNeed.Optional && e is not OutOfMemoryException)
        {
            // Drivers fail in many ways; for a store that may be absent they all mean the same.
            return ReadinessResult.Degraded($"cannot be reached ({e.GetType().Name})");
        }
    }

    protected abstract Task PingAsync(CancellationToken cancellationToken);
}
