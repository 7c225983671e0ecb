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
        tracing = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(configuration))
            .ConfigureResource(resource.Describe)
            .AddSource([.. options.Value.ActivitySources])
            .AddOtlpExporter()
            .Build();
        metering = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(s => s.AddSingleton(configuration))
            .ConfigureResource(resource.Describe)
            .AddMeter([.. options.Value.Meters])
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Flushing blocks by the SDK's design: on threads that may wait, side by side, each bounded.
        var logging = services.GetService<LoggerProvider>();
        await Task.WhenAll(
            Task.Run(() => tracing?.ForceFlush(FlushMilliseconds), CancellationToken.None),
            Task.Run(() => metering?.ForceFlush(FlushMilliseconds), CancellationToken.None),
            Task.Run(() => logging?.ForceFlush(FlushMilliseconds), CancellationToken.None)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        tracing?.Dispose();
        metering?.Dispose();
    }
}
