using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;
using Gateway.Governance.Usage.Reports;
using Gateway.Governance.Usage.Retention;

namespace Gateway.Governance.Usage;

/// <summary>Registration of the usage ledger. Whoever charges by it adds an <see cref="IUsageCharge"/>.</summary>
internal static class UsageExtensions
{
    /// <exception cref="StartupException">A configuration value is not legal.</exception>
    public static void AddUsage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(UsageRetentionOptions.From(configuration));
        services.AddSingleton<UsageRetention>().AddHostedService(s => s.GetRequiredService<UsageRetention>());
        services.AddSingleton<UsagePartitions>().AddSingleton<AggregateNames>().AddSingleton<UsageSources>().AddSingleton<UsageLedger>();
        services.AddSingleton<UsageAdjustments>().AddSingleton<UsageQueries>().AddSingleton<UsageRecordQuery>();
        services.AddSingleton<UsageWriter>().AddHostedService(s => s.GetRequiredService<UsageWriter>());
    }
}
