using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>Writes Prometheus' text format 0.0.4 or OpenMetrics 1.0.0.</summary>
internal readonly struct PrometheusWriter(IBufferWriter<byte> output, ExpositionFormat format = ExpositionFormat.Prometheus)
{
    private const string Total = "_total";

    private bool IsOpen => format == ExpositionFormat.OpenMetrics;

    public void Write(MetricFamily family)
    {
        var headed = false;
        foreach (var series in family.Read())
        {
            if (!headed)
            {
                Head(family);
                headed = true;
            }

            if (series is HistogramSeries histogram)
            {
                Histogram(family, histogram);
            }
            else
            {
                Sample(family.Name, "", series.Tags, null, Text((NumberSeries)series));
            }
        }
    }

    /// <summary>Ends the text where its format wants an end.</summary>
    public void End()
    {
        if (IsOpen)
        {
            Raw("# EOF\n");
        }
    }

    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ when double.IsNaN(value) => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Text(NumberSeries series)
        => series.Whole is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : Number(series.Value);

    private void Head(MetricFamily family)
    {
        // A counter's family is named without the suffix of its samples in OpenMetrics, and with it before that.
        var name = IsOpen && family.Kind == SeriesKind.Counter ? family.Name[..^Total.Length] : family.Name;
        if (family.Help.Length > 0)
        {
            Raw("# HELP ");
            Raw(name);
            Raw(" ");
            var help = family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n");
            Raw(IsOpen ? help.Replace("\"", "\\\"", StringComparison.Ordinal) : help);
            Raw("\n");
        }

        Raw("# TYPE ");
        Raw(name);
        Raw(family.Kind switch
        {
            SeriesKind.Counter => " counter\n",
            SeriesKind.Histogram => " histogram\n",
            _ => " gauge\n",
        });
        if (IsOpen && family.Unit.Length > 0 && name.EndsWith("_" + family.Unit, StringComparison.Ordinal))
        {
            Raw("# UNIT ");
            Raw(name);
            Raw(" ");
            Raw(family.Unit);
            Raw("\n");
        }
    }

    private void Histogram(MetricFamily family, HistogramSeries series)
    {
        // Cumulative, as the format wants it; the last one is the count, read once so that the two agree.
        var count = 0L;
        for (var i = 0; i <= family.Bounds.Length; i++)
        {
            count += series.Count(i);
            var bound = i < family.Bounds.Length ? ExpositionFormats.Bound(format, family.Bounds[i]) : "+Inf";
            Sample(family.Name, "_bucket", series.Tags, bound, count.ToString(CultureInfo.InvariantCulture), IsOpen ? series.ExemplarOf(i) : null);
        }

        Sample(family.Name, "_sum", series.Tags, null, Number(series.Sum));
        Sample(family.Name, "_count", series.Tags, null, count.ToString(CultureInfo.InvariantCulture));
    }

    private void Sample(string name, string suffix, TagSet tags, string? bound, string value, ExemplarValue? exemplar = null)
    {
        Raw(name);
        Raw(suffix);
        var first = true;
        foreach (var (label, text) in Labels(tags, reserved: suffix.Length > 0 ? "le" : null))
        {
            Label(label, text, ref first);
        }

        if (bound is not null)
        {
            Label("le", bound, ref first);
        }

        Raw(first ? " " : "} ");
        Raw(value);
        if (exemplar is not null)
        {
            Raw(string.Create(
                CultureInfo.InvariantCulture,
                $" # {{trace_id=\"{exemplar.TraceId:x32}\"}} {Number(exemplar.Value)} {exemplar.At.ToUnixTimeMilliseconds() / 1000d:F3}"));
        }

        Raw("\n");
    }

    private void Label(string label, string text, ref bool first)
    {
        Raw(first ? "{" : ",");
        first = false;
        Raw(label);
        Raw("=\"");
        Raw(Escape(text));
        Raw("\"");
    }

    private static string Escape(string text) => text.AsSpan().IndexOfAny('\\', '"', '\n') < 0
        ? text
        : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    // Different tag names may become one label name, which the format forbids to appear twice: their values are joined.
    private static List<KeyValuePair<string, string>> Labels(TagSet tags, string? reserved)
    {
        var labels = new List<KeyValuePair<string, string>>(tags.Tags.Length);
        foreach (var (key, text) in tags.Tags)
        {
            var label = MetricName.Label(key);
            label = label == reserved ? label + "_" : label;
            var same = labels.FindIndex(l => l.Key == label);
            if (same < 0)
            {
                labels.Add(new(label, text));
            }
            else
            {
                labels[same] = new(label, $"{labels[same].Value};{text}");
            }
        }

        return labels;
    }

    private void Raw(string text) => Encoding.UTF8.GetBytes(text, output);
}
