using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>
/// Listens to the chosen meters from the start of the service to its end. A meter made by the meter factory of another
/// host in the same process is that host's affair.
/// </summary>
internal sealed partial class MetricListener : IHostedService, IDisposable
{
    private readonly MeterListener listener = new();
    private readonly MetricRegistry registry;
    private readonly ILogger<MetricListener> log;
    private readonly Meter meter;
    private readonly Lock collecting = new();
    private int collection;

    public MetricListener(
        MetricRegistry registry, IOptions<TelemetryOptions> options, IMeterFactory meters, ServiceIdentity identity, ILogger<MetricListener> log)
    {
        this.registry = registry;
        this.log = log;
        var patterns = options.Value.Meters.ToArray();
        listener.InstrumentPublished = (instrument, self) =>
        {
            var ours = instrument.Meter.Scope is not IMeterFactory factory || ReferenceEquals(factory, meters);
            if (ours && NamePattern.MatchesAny(patterns, instrument.Meter.Name) && registry.Register(instrument) is { } family)
            {
                self.EnableMeasurementEvents(instrument, family);
            }
        };
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => Record(family, (long)value, tags));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => Record(family, (long)value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => Record(family, (long)value, tags));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => Record(family, value, tags));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => Record(family, (double)value, tags));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => Record(family, value, tags));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => Record(family, (double)value, tags));

        meter = meters.Create("Gateway.ServiceDefaults");
        meter.CreateObservableGauge(
            "gateway.build_info",
            () => new Measurement<int>(1, new("service", identity.Name), new("version", identity.Version)),
            description: "Always 1; the labels say what runs.");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads all observable instruments and writes everything.</summary>
    public void Collect(IBufferWriter<byte> output, ExpositionFormat format = ExpositionFormat.Prometheus)
    {
        lock (collecting)
        {
            collection++;
            foreach (var family in registry.Families)
            {
                family.Collection = collection;
            }

            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException e)
            {
                // One instrument's faulty callback must not hide all the others.
                ObservationFailed(e);
            }

            var writer = new PrometheusWriter(output, format);
            foreach (var family in registry.Families)
            {
                writer.Write(family);
            }

            writer.End();
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        meter.Dispose();
    }

    private static void Record(object? family, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => ((MetricFamily)family!).Record(value, tags);

    private static void Record(object? family, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => ((MetricFamily)family!).Record(value, tags);

    [LoggerMessage(1, LogLevel.Warning, "An observable instrument threw while /metrics was read")]
    private partial void ObservationFailed(Exception exception);
}
