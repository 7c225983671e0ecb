using Gateway.Governance.Storage;
using Gateway.ServiceDefaults.Health;

namespace Gateway.Governance.Bootstrap;

/// <summary>Ready once the schema and the first keys are there, and as long as the store answers.</summary>
internal sealed class StoreReadiness(StoreGate gate, Database database) : IReadinessCheck
{
    public string Name => "store";

    public async ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        if (!gate.IsOpen)
        {
            return ReadinessResult.NotReady("migrating");
        }

        await database.ReadAsync(s => s.ScalarAsync<long>("SELECT version FROM config_version"), cancellationToken).ConfigureAwait(false);
        return ReadinessResult.Ready();
    }
}
