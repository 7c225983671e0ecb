using System.Text.RegularExpressions;
using Gateway.ServiceDefaults.Telemetry.Prometheus;

namespace Gateway.ServiceDefaults.Tests.Metrics;

/// <summary>An instrument as the source creates it.</summary>
internal sealed record MetricEntry(string Service, string Name, string? Unit, string Meaning, SeriesKind Kind)
{
    /// <summary>The family's name at <c>/metrics</c>.</summary>
    public string Family => MetricName.Family(Name, Unit, Kind);

    /// <summary>Every name that samples of it have.</summary>
    public IEnumerable<string> Samples => Kind == SeriesKind.Histogram ? [$"{Family}_bucket", $"{Family}_sum", $"{Family}_count"] : [Family];
}

/// <summary>All instruments and labels of the gateway, read from its source: what a page, a rule or a dashboard names is held against it without anything being started.</summary>
internal static partial class MetricSource
{
    private static readonly Lazy<IReadOnlyList<(string Service, string Text)>> _files = new(static () => [.. Roots().SelectMany(static r => Directory.EnumerateFiles(r, "*.cs", SearchOption.AllDirectories))
        .Where(static f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Select(static f => (ServiceOf(f), File.ReadAllText(f)))]);

    /// <summary>The instruments, by name.</summary>
    public static IReadOnlyList<MetricEntry> All { get; } = [.. _files.Value.SelectMany(static f => Read(f.Service, f.Text)).DistinctBy(static e => (e.Service, e.Name)).OrderBy(static e => e.Family, StringComparer.Ordinal).ThenBy(static e => e.Service, StringComparer.Ordinal)];

    /// <summary>Names of labels.</summary>
    public static IReadOnlySet<string> Labels { get; } = _files.Value.SelectMany(static f => LabelPattern().Matches(f.Text)).Select(static m => m.Groups[1].Value)
        .Concat(["le", "job", "instance", "overflow", "__name__"]).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Roots() => [SourceTree.PathOf("services"), SourceTree.PathOf("ServiceDefaults")];

    private static string ServiceOf(string file)
    {
        var parts = Path.GetRelativePath(SourceTree.PathOf(), file).Split(Path.DirectorySeparatorChar);
        return parts[0] == "services" ? parts[1].ToLowerInvariant() : "every service";
    }

    private static IEnumerable<MetricEntry> Read(string service, string text)
    {
        foreach (Match call in CallPattern().Matches(text))
        {
            var arguments = Arguments(text, call.Index + call.Length - 1);
            var texts = TextPattern().Matches(arguments).Select(static m => Regex.Unescape(m.Groups[1].Value)).ToList();
            if (texts is not [var name, .. var others])
            {
                continue;
            }

            if (name.StartsWith('.') && arguments.StartsWith("(prefix + ", StringComparison.Ordinal))
            {
                // What services share is named after the service; the edge's names stand for all.
                (name, service) = ("gateway.edge" + name, "edge");
            }

            if (!NamePattern().IsMatch(name))
            {
                continue;
            }

            var kind = (call.Groups[1].Success ? call.Groups[1].Value : call.Groups[2].Value) switch
            {
                "Counter" or "ObservableCounter" => SeriesKind.Counter,
                "Histogram" => SeriesKind.Histogram,
                _ => SeriesKind.Gauge,
            };
            var unit = call.Value.StartsWith("Create", StringComparison.Ordinal) ? others.FirstOrDefault(static t => UnitPattern().IsMatch(t)) : "s";
            yield return new MetricEntry(service, name, unit, others.Where(t => t != unit).MaxBy(static t => t.Length) ?? "", kind);
        }
    }

    /// <summary>What stands between a parenthesis and the one that closes it.</summary>
    private static string Arguments(string text, int open)
    {
        var (depth, isText) = (0, false);
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '"' && text[i - 1] != '\\')
            {
                isText = !isText;
            }
            else if (!isText && text[i] == '(')
            {
                depth++;
            }
            else if (!isText && text[i] == ')' && --depth == 0)
            {
                return text[open..i];
            }
        }

        return "";
    }

    [GeneratedRegex("""(?:Create(Counter|UpDownCounter|Gauge|Histogram|ObservableCounter|ObservableGauge|ObservableUpDownCounter)(?:<\w+>)?|(?<== )(Histogram))\(""")]
    private static partial Regex CallPattern();

    [GeneratedRegex("(?<!\\$)\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex TextPattern();

    [GeneratedRegex("""^gateway\.[a-z0-9_.]+$""")]
    private static partial Regex NamePattern();

    [GeneratedRegex("""^(\{[a-z_]+\}|s|By|usd|1)$""")]
    private static partial Regex UnitPattern();

    [GeneratedRegex("""(?:new(?: KeyValuePair<string, object\?>)?)\(\s*"([a-z_]+)",""")]
    private static partial Regex LabelPattern();
}
