using Gateway.Contracts;
using Gateway.ControlPlane;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Drain;
using Gateway.ServiceDefaults.Health;

namespace Gateway.Edge.Journal;

/// <summary>Registration of the usage journal and its delivery.</summary>
internal static class JournalExtensions
{
    /// <summary>Folder of the journal in the edge's folder.</summary>
    public const string FolderName = "journal";

    /// <summary>Adds the journal as <see cref="IUsageJournal"/> and <see cref="IJournalReplay"/>, and its readiness check.</summary>
    /// <param name="services">The edge's services.</param>
    /// <param name="options">How it keeps its files.</param>
    public static IServiceCollection AddUsageJournal(this IServiceCollection services, JournalOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<UsageJournal>();
        services.AddSingleton<IUsageJournal>(s => s.GetRequiredService<UsageJournal>());
        services.AddSingleton<IJournalReplay>(s => s.GetRequiredService<UsageJournal>());
        services.AddSingleton<IReadinessCheck, JournalCheck>();
        return services;
    }

    /// <summary>
    /// Delivers the journal to governance. Needs <see cref="AddUsageJournal"/> and the control plane; not for an edge alone.
    /// </summary>
    /// <param name="services">The edge's services.</param>
    public static IServiceCollection AddUsageDelivery(this IServiceCollection services)
    {
        services.AddServiceHttpClient(WireNames.Governance);
        services.AddSingleton(s => new UsageUploader(
            s.GetRequiredService<UsageJournal>(),
            s.GetRequiredService<JournalOptions>(),
            s.GetRequiredService<IServiceClients>().Get(WireNames.Governance),
            s.GetRequiredService<GovernanceContact>(),
            new UploaderOptions(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<UsageUploader>>()));
        services.AddHostedService(s => s.GetRequiredService<UsageUploader>());
        services.AddSingleton<IDrainParticipant>(s => s.GetRequiredService<UsageUploader>());
        return services;
    }
}
