using Gateway.Contracts;
using Gateway.Edge.Runtime;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Health;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.Edge.ControlPlane;

/// <summary>Registration of what links the edge to governance.</summary>
internal static class ControlPlaneExtensions
{
    /// <summary>
    /// Follows governance's configuration into the registered <see cref="ISnapshotSink"/>. Not for an edge alone.
    /// </summary>
    /// <param name="services">The edge's services.</param>
    /// <param name="edgeFolder">The edge's folder below the data directory, where the last good snapshot is kept.</param>
    public static IServiceCollection AddControlPlane(this IServiceCollection services, string edgeFolder)
    {
        services.AddServiceHttpClient(WireNames.Governance);
        services.AddSingleton<GovernanceContact>();
        services.AddSingleton<IReadinessCheck, ConfigurationCheck>();
        services.AddSingleton(s => new SnapshotClient(
            s.GetRequiredService<IServiceClients>().Get(WireNames.Governance),
            s.GetRequiredService<ISnapshotSink>(),
            new SnapshotStore(edgeFolder, s.GetRequiredService<InternalToken>().Value),
            s.GetRequiredService<GovernanceContact>(),
            new SnapshotClientOptions(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<SnapshotClient>>()));
        services.AddHostedService(s => s.GetRequiredService<SnapshotClient>());
        return services;
    }
}
