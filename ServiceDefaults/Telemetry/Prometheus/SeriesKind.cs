namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

internal enum SeriesKind
{
    Counter,
    Gauge,
    Histogram,
}
