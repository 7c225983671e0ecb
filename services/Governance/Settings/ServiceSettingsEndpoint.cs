using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Settings;

/// <summary>What services are told that are not given the configuration: nothing of it is secret.</summary>
internal static class ServiceSettingsEndpoint
{
    public static void MapServiceSettings(this RouteGroupBuilder group) => group.MapGet("/service-settings", static (ConfigStore store) =>
        Results.Json(new ServiceSettings { LogLevel = SettingsEndpoints.Of(store.Latest).Telemetry.LogLevel }, ContractsJson.Default.ServiceSettings));
}
