using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>The two texts that scrapers read.</summary>
internal enum ExpositionFormat
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    Prometheus,

    /// <summary>OpenMetrics 1.0.0, which has units and exemplars.</summary>
    OpenMetrics,
}

/// <summary>Chooses between them.</summary>
internal static class ExpositionFormats
{
    private const string OpenMetricsType = "application/openmetrics-text";

    /// <summary>OpenMetrics for a scraper that prefers it by its <c>accept</c>; the older format for all others, which everybody reads.</summary>
    public static ExpositionFormat Choose(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept!, out var types))
        {
            return ExpositionFormat.Prometheus;
        }

        var open = types.Where(static t => t.MediaType.Equals(OpenMetricsType, StringComparison.OrdinalIgnoreCase)).Select(Weight).DefaultIfEmpty(0).Max();
        var plain = types.Where(static t => t.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase)).Select(Weight).DefaultIfEmpty(0).Max();
        return open > 0 && open >= plain ? ExpositionFormat.OpenMetrics : ExpositionFormat.Prometheus;
    }

    /// <summary>The content type of a format.</summary>
    public static string ContentType(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? $"{OpenMetricsType}; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>A number as the format writes the bounds of buckets.</summary>
    public static string Bound(ExpositionFormat format, double bound)
    {
        var text = PrometheusWriter.Number(bound);
        return format == ExpositionFormat.OpenMetrics && double.IsFinite(bound) && bound == Math.Floor(bound) && !text.Contains('E', StringComparison.Ordinal)
            ? bound.ToString("F1", CultureInfo.InvariantCulture)
            : text;
    }

    private static double Weight(MediaTypeHeaderValue type) => type.Quality ?? 1;
}
