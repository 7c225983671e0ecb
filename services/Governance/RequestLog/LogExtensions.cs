using Gateway.Governance.Credentials;
using Gateway.Governance.RequestLog.Ingestion;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.RequestLog.Sessions;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.RequestLog.Tail;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Ingestion;

namespace Gateway.Governance.RequestLog;

/// <summary>Registration of the request log.</summary>
internal static class LogExtensions
{
    /// <exception cref="StartupException">A configuration value is not legal.</exception>
    public static void AddRequestLog(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(LogOptions.From(configuration));
        services.AddSingleton<LogSecrets>().AddSingleton<ISealedThings>(s => s.GetRequiredService<LogSecrets>());
        services.AddSingleton<LogMonths>().AddSingleton<LogStore>().AddSingleton<LogSearch>().AddSingleton<SessionQueries>().AddSingleton<LogErasure>();
        services.AddSingleton<IUsageCharge, SessionBook>();
        services.AddSingleton<LogTail>().AddSingleton<IUsageCharge>(s => s.GetRequiredService<LogTail>());
        services.AddSingleton<LogRetention>().AddHostedService(s => s.GetRequiredService<LogRetention>());
    }
}
