using System.Text;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>From OpenTelemetry's names and units to those of Prometheus.</summary>
internal static class MetricName
{
    /// <summary>The family name: legal characters, unit as a word, <c>_total</c> on counters.</summary>
    public static string Family(string name, string? unit, SeriesKind kind)
    {
        var family = Sanitise(name, allowColon: true);
        if (kind == SeriesKind.Counter && family.EndsWith("_total", StringComparison.Ordinal))
        {
            family = family[..^"_total".Length];
        }

        var suffix = UnitSuffix(unit);
        if (suffix.Length > 0 && !family.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            family = $"{family}_{suffix}";
        }

        return kind == SeriesKind.Counter ? family + "_total" : family;
    }

    /// <summary>A label name: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>, not beginning with the two underscores Prometheus keeps for itself.</summary>
    public static string Label(string name)
    {
        var label = Sanitise(name, allowColon: false);
        return label.StartsWith("__", StringComparison.Ordinal) ? "key" + label : label;
    }

    /// <summary>The unit as the word at the end of the names of its metrics; empty where it is none.</summary>
    public static string Unit(string? unit) => UnitSuffix(unit);

    private static string Sanitise(string name, bool allowColon)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            var legal = char.IsAsciiLetterOrDigit(c) || c == '_' || (allowColon && c == ':');
            if (text.Length == 0 && char.IsAsciiDigit(c))
            {
                text.Append('_');
            }

            // One underscore stands for any run of characters that are not legal.
            if (legal || text.Length == 0 || text[^1] != '_')
            {
                text.Append(legal ? c : '_');
            }
        }

        return text.Length == 0 ? "_" : text.ToString();
    }

    private static string UnitSuffix(string? unit)
    {
        if (string.IsNullOrEmpty(unit))
        {
            return "";
        }

        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return Word(unit);
        }

        var count = Word(unit[..slash]);
        var per = "per_" + Singular(Word(unit[(slash + 1)..]));
        return count.Length == 0 ? per : $"{count}_{per}";
    }

    private static string Word(string unit) => unit switch
    {
        "1" or ['{', ..] => "",
        "ns" => "nanoseconds",
        "us" => "microseconds",
        "ms" => "milliseconds",
        "s" => "seconds",
        "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "%" => "percent",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "V" => "volts",
        "W" => "watts",
        "J" => "joules",
        _ => Sanitise(unit, allowColon: false).Trim('_'),
    };

    private static string Singular(string word) => word.EndsWith('s') ? word[..^1] : word;
}
