using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Gateway.ServiceDefaults.Telemetry.Otlp;

/// <summary>Owns the trace and metric providers, and sends what they and the log provider still hold when the service stops.</summary>
internal sealed class OtlpProviders(
    IOptions<TelemetryOptions> options, OtlpResource resource, IConfiguration configuration, IServiceProvider services) : IHostedService, IDisposable
{
    private const int FlushMilliseconds = 2000;

    private TracerProvider? tracing;
    private MeterProvider? metering;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The SDK reads OTEL_TRACES_SAMPLER(_ARG), OTEL_EXPORTER_OTLP_*, OTEL_BSP_* and the like itself, from this configuration.
        var traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(configuration))
            .ConfigureResource(resource.Describe)
            .AddSource([.. options.Value.ActivitySources])
            .AddOtlpExporter();
        if (options.Value.DecidesTraces)
        {
            traces.SetSampler(new ParentBasedSampler(new AlwaysOffSampler()));
        }

        tracing = OtlpExtensions.IsOff(configuration, "TRACES") ? null : traces.Build();
        metering = OtlpExtensions.IsOff(configuration, "METRICS") ? null : Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(configuration))
            .ConfigureResource(resource.Describe)
            .AddMeter([.. options.Value.Meters])
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Shutting down sends what is left, and blocks by the SDK's design: side by side, each bounded, and on threads of their own, because the
        // pool's few threads are what the requests that are still ending run on. Disposing afterwards finds nothing left to do, where it would
        // wait for 5 seconds on a dead collector.
        var logging = services.GetService<LoggerProvider>();
        await Task.WhenAll(
            OnOwnThread(() => tracing?.Shutdown(FlushMilliseconds)),
            OnOwnThread(() => metering?.Shutdown(FlushMilliseconds)),
            OnOwnThread(() => logging?.Shutdown(FlushMilliseconds))).ConfigureAwait(false);
    }

    private static Task OnOwnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        tracing?.Dispose();
        metering?.Dispose();
    }
}
