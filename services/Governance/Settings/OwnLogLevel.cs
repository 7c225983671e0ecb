using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;
using Gateway.ServiceDefaults.Logging;

namespace Gateway.Governance.Settings;

/// <summary>Holds this service's own log to the level that the settings ask for, as other services do by what they are told.</summary>
internal sealed class OwnLogLevel(ConfigStore store, StoreGate gate, LogLevelSwitch levels, TimeProvider time) : StoreRounds(gate, TimeSpan.FromSeconds(1), time)
{
    protected override Task RoundAsync(CancellationToken cancellation)
    {
        levels.Follow(SettingsEndpoints.Of(store.Latest).Telemetry.LogLevel);
        return Task.CompletedTask;
    }

    // Nothing of a round can fail but the store's state, which is told by who watches it.
    protected override void Failed(Exception fault, bool again)
    {
    }
}
