using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.ServiceDefaults.Health;

namespace Gateway.SemanticCache.Hosting;

/// <summary>A cache is always ready: what it lacks makes it miss more. That is told as degraded.</summary>
internal sealed class CacheReadiness(IEntryStore store) : IReadinessCheck
{
    public string Name => "entries";

    public async ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.SizeAsync(cancellationToken);
        }
        catch (StoreFault fault)
        {
            return ReadinessResult.Degraded(fault.Message);
        }

        return store is EmbeddedStore { Quarantined: > 0 } embedded
            ? ReadinessResult.Degraded($"{embedded.Quarantined} damaged file(s) were put aside")
            : ReadinessResult.Ready();
    }
}
