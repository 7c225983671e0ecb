using Gateway.Contracts;
using Gateway.ControlPlane;
using Gateway.Edge.Hosting;
using Gateway.Edge.Journal;
using Gateway.Edge.RequestLog.Bodies;
using Gateway.Edge.RequestLog.Delivery;
using Gateway.ServiceDefaults.Discovery;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Edge.RequestLog;

/// <summary>Registration of the request log.</summary>
internal static class RequestLogExtensions
{
    /// <summary>Folder of the spool in the edge's folder.</summary>
    public const string FolderName = "request-log";

    public static IServiceCollection AddRequestLog(this IServiceCollection services, EdgeOptions options)
    {
        var file = options.File?.RequestLog;
        var mode = options.ConfigFile is null ? RequestLogMode.Details : file is null ? RequestLogMode.Off : RequestLogMode.Everything;
        services.AddSingleton<LogMemory>(static _ => new LogMemory());
        services.AddSingleton<LogMetrics>();
        services.TryAddSingleton<IBodyRedactor, EngineRedactor>();
        services.AddSingleton(s => new RequestLogger(
            mode,
            s.GetRequiredService<Admission.InFlight.InFlightSlots>(),
            s.GetRequiredService<LogMemory>(),
            s.GetRequiredService<LogMetrics>(),
            s.GetRequiredService<TimeProvider>()));
        if (mode == RequestLogMode.Off)
        {
            return services;
        }

        if (mode == RequestLogMode.Everything)
        {
            services.AddSingleton(file!).AddSingleton<ILogSink, LogFile>();
        }
        else
        {
            services.AddSingleton(new LogSpoolOptions { Folder = Path.Combine(options.DataDirectory, WireNames.Edge, FolderName) });
            services.AddSingleton<LogSpool>().AddSingleton<ILogSink>(static s => s.GetRequiredService<LogSpool>());
            services.AddServiceHttpClient(WireNames.Governance);
            services.AddHostedService(static s => new LogUploader(
                s.GetRequiredService<LogSpool>(),
                s.GetRequiredService<UsageJournal>(),
                s.GetRequiredService<IServiceClients>().Get(WireNames.Governance),
                s.GetRequiredService<GovernanceContact>(),
                s.GetRequiredService<LogMetrics>(),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<LogUploader>>()));
        }

        // After the uploader, so that it is stopped before it: the last entries are in the spool then.
        return services.AddHostedService(s => new LogWorker(
            s.GetRequiredService<RequestLogger>(),
            s.GetRequiredService<ILogSink>(),
            s.GetRequiredService<IBodyRedactor>(),
            s.GetRequiredService<LogMetrics>(),
            mode,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<LogWorker>>()));
    }
}
