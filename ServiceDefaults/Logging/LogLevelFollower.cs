using System.Net.Http.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Rounds;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Logging;

/// <summary>Holds the log of a service that follows no configuration to the level that governance's settings ask for. Without governance it stays as it was started.</summary>
internal sealed partial class LogLevelFollower(IServiceAddresses addresses, IServiceClients clients, LogLevelSwitch levels, TimeProvider time, ILogger<LogLevelFollower> logger)
    : IntervalService(TimeSpan.FromSeconds(5), time, atOnce: true)
{
    protected override async Task RoundAsync(CancellationToken cancellation)
    {
        if (addresses.TryResolve(WireNames.Governance, out _))
        {
            var settings = await clients.Get(WireNames.Governance).GetFromJsonAsync("/internal/service-settings", ContractsJson.Default.ServiceSettings, cancellation).ConfigureAwait(false);
            var before = levels.Level;
            levels.Follow(settings!.LogLevel);
            if (levels.Level != before)
            {
                LogFollows(settings.LogLevel);
            }
        }
    }

    protected override void Failed(Exception fault, bool again)
    {
        if (!again)
        {
            LogUnknown(fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The level of the log is {Level}, as governance's settings ask for.")]
    private partial void LogFollows(GatewayLogLevel level);

    [LoggerMessage(LogLevel.Information, "Governance does not say how much is to be logged; the level stays as it is until it does. {Reason}")]
    private partial void LogUnknown(string reason);
}

/// <summary>Registration of the level of the log.</summary>
public static class LogLevelExtensions
{
    /// <summary>Has the service's log follow governance's settings, for services that do not follow the configuration as a whole.</summary>
    /// <param name="services">The service's services.</param>
    public static IServiceCollection AddLogLevelFollower(this IServiceCollection services) =>
        services.AddServiceHttpClient(WireNames.Governance).AddHostedService<LogLevelFollower>();
}
