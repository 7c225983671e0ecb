using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Ingestion;

namespace Gateway.Governance.Exports;

/// <summary>Registration of exports.</summary>
internal static class ExportExtensions
{
    /// <exception cref="StartupException">A configuration value is not legal.</exception>
    public static IServiceCollection AddExports(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(ExportOptions.From(configuration)).AddSingleton<ExportState>().AddSingleton<ExportQueue>();
        services.AddSingleton<IUsageCharge, ExportOutbox>();
        return services.AddHostedService<ExportService>();
    }
}
