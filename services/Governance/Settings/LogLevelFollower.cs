using Gateway.Contracts.Configuration;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;
using Gateway.ServiceDefaults.Logging;

namespace Gateway.Governance.Settings;

/// <summary>Holds this service's own log to the level that the settings ask for, as edges do by their snapshot.</summary>
internal sealed class LogLevelFollower(ConfigStore store, StoreGate gate, LogLevelSwitch levels, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            levels.Set(Level(SettingsEndpoints.Of(store.Latest).Telemetry.LogLevel));
        }
    }

    private static LogLevel? Level(GatewayLogLevel level) => level switch
    {
        GatewayLogLevel.Debug => LogLevel.Debug,
        GatewayLogLevel.Information => LogLevel.Information,
        GatewayLogLevel.Warning => LogLevel.Warning,
        GatewayLogLevel.Error => LogLevel.Error,
        GatewayLogLevel.None => LogLevel.None,
        _ => null,
    };
}
