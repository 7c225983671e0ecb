using System.Diagnostics.Metrics;
using System.Globalization;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>Upper bounds of histogram buckets: those the instrument advises, else by its unit.</summary>
internal static class Buckets
{
    private static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

    private static readonly double[] Bytes =
        [256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    private static readonly double[] Others =
        [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000];

    public static double[] For(Instrument instrument)
    {
        var advised = instrument switch
        {
            Histogram<double> h => Advised(h.Advice),
            Histogram<long> h => Advised(h.Advice),
            Histogram<int> h => Advised(h.Advice),
            Histogram<float> h => Advised(h.Advice),
            Histogram<decimal> h => Advised(h.Advice),
            Histogram<short> h => Advised(h.Advice),
            Histogram<byte> h => Advised(h.Advice),
            _ => null,
        };
        return advised ?? instrument.Unit switch
        {
            "s" => Seconds,
            "By" => Bytes,
            _ => Others,
        };
    }

    private static double[]? Advised<T>(InstrumentAdvice<T>? advice)
        where T : struct
        => advice?.HistogramBucketBoundaries is { Count: > 0 } bounds
            ? [.. bounds.Select(b => Convert.ToDouble(b, CultureInfo.InvariantCulture)).Where(double.IsFinite).Distinct().Order()]
            : null;
}
