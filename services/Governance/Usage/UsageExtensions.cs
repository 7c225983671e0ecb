using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;
using Gateway.Governance.Usage.Reports;

namespace Gateway.Governance.Usage;

/// <summary>Registration of the usage ledger. Whoever charges by it adds an <see cref="IUsageCharge"/>.</summary>
internal static class UsageExtensions
{
    public static void AddUsage(this IServiceCollection services)
    {
        services.AddSingleton<UsagePartitions>().AddSingleton<AggregateNames>().AddSingleton<UsageSources>().AddSingleton<UsageLedger>();
        services.AddSingleton<UsageAdjustments>().AddSingleton<UsageQueries>().AddSingleton<UsageRecordQuery>();
        services.AddSingleton<UsageWriter>().AddHostedService(s => s.GetRequiredService<UsageWriter>());
    }
}
