using Gateway.Contracts;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Health;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.ControlPlane;

/// <summary>Registration of what links a service to governance.</summary>
internal static class ControlPlaneExtensions
{
    /// <summary>
    /// Follows governance's configuration into the registered <see cref="ISnapshotSink"/>. Not for a service alone.
    /// </summary>
    /// <param name="services">The service's services.</param>
    /// <param name="folder">The service's folder below the data directory, where the last good snapshot is kept.</param>
    /// <param name="service">Its name.</param>
    /// <param name="meter">Name of its meter.</param>
    /// <param name="prefix">What the names of its figures begin with.</param>
    /// <param name="isNeeded">False: without a configuration the service is degraded and not unready.</param>
    /// <param name="name">By what name governance is to know this instance, asked for with each question; null: by the service and the machine.</param>
    public static IServiceCollection AddControlPlane(this IServiceCollection services, string folder, string service = WireNames.Edge, string meter = "Gateway.Edge", string prefix = "gateway.edge", bool isNeeded = true, Func<IServiceProvider, Func<string?>>? name = null)
    {
        services.AddServiceHttpClient(WireNames.Governance);
        services.AddSingleton(s => new GovernanceContact(s.GetRequiredService<TimeProvider>(), meter, prefix));
        services.AddSingleton<IReadinessCheck>(s => new ConfigurationCheck(s.GetRequiredService<GovernanceContact>(), isNeeded));
        services.AddSingleton(s => new SnapshotClient(
            s.GetRequiredService<IServiceClients>().Get(WireNames.Governance),
            s.GetRequiredService<ISnapshotSink>(),
            new SnapshotStore(folder, s.GetRequiredService<InternalToken>().Value, service),
            s.GetRequiredService<GovernanceContact>(),
            new SnapshotClientOptions { Name = name?.Invoke(s) ?? (() => $"{service}@{Environment.MachineName}") },
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<SnapshotClient>>()));
        services.AddHostedService(s => s.GetRequiredService<SnapshotClient>());
        return services;
    }
}
