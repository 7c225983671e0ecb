using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>Families by name. Two instruments of one name and kind share a family; of another kind the later one is left out.</summary>
internal sealed partial class MetricRegistry(IOptions<TelemetryOptions> options, TimeProvider time, ILogger<MetricRegistry> log)
{
    private readonly ConcurrentDictionary<string, MetricFamily> families = new(StringComparer.Ordinal);

    public IEnumerable<MetricFamily> Families => families.Values.OrderBy(f => f.Name, StringComparer.Ordinal);

    public MetricFamily? Register(Instrument instrument)
    {
        if (Classify(instrument) is not (var kind, var recording))
        {
            return null;
        }

        var name = MetricName.Family(instrument.Name, instrument.Unit, kind);
        var family = families.GetOrAdd(name, n => new MetricFamily(n, kind, recording, instrument, options.Value.MaxSeriesPerInstrument, time));
        if (family.Kind == kind && family.Recording == recording)
        {
            return family;
        }

        Conflict(instrument.Name, instrument.Meter.Name, name);
        return null;
    }

    private static (SeriesKind, Recording)? Classify(Instrument instrument)
    {
        if (instrument.GetType() is not { IsGenericType: true } type)
        {
            return null;
        }

        var generic = type.GetGenericTypeDefinition();
        return generic switch
        {
            _ when generic == typeof(Counter<>) => (SeriesKind.Counter, Recording.Add),
            _ when generic == typeof(UpDownCounter<>) => (SeriesKind.Gauge, Recording.Add),
            _ when generic == typeof(Gauge<>) => (SeriesKind.Gauge, Recording.Set),
            _ when generic == typeof(Histogram<>) => (SeriesKind.Histogram, Recording.Add),
            _ when generic == typeof(ObservableCounter<>) => (SeriesKind.Counter, Recording.Observe),
            _ when generic == typeof(ObservableGauge<>) || generic == typeof(ObservableUpDownCounter<>) => (SeriesKind.Gauge, Recording.Observe),
            _ => null,
        };
    }

    [LoggerMessage(1, LogLevel.Warning, "Instrument {Instrument} of meter {Meter} is not shown at /metrics: {Name} is already there with another kind")]
    private partial void Conflict(string instrument, string meter, string name);
}
