using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.ServiceDefaults.Telemetry.Prometheus;

namespace Gateway.ServiceDefaults.Tests.Metrics;

/// <summary>The page of metrics, the rules and the dashboards, held against what the code exports.</summary>
public sealed partial class MetricPageTests
{
    private const string Begin = "<!-- metrics: begin -->\n";
    private const string End = "<!-- metrics: end -->";

    private static readonly HashSet<string> _samples = MetricSource.All.SelectMany(static m => m.Samples).ToHashSet(StringComparer.Ordinal);

    public static TheoryData<string, string> Queries
    {
        get
        {
            var queries = new TheoryData<string, string>();
            foreach (var line in File.ReadLines(SourceTree.PathOf("infra/prometheus/rules.yml")).Select(static l => l.Trim()).Where(static l => l.StartsWith("expr: ", StringComparison.Ordinal)))
            {
                queries.Add("rules.yml", line["expr: ".Length..]);
            }

            foreach (var file in Directory.GetFiles(SourceTree.PathOf("infra/grafana"), "*.json"))
            {
                foreach (var expr in JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray().SelectMany(static p => p!["targets"]?.AsArray() ?? []).Select(static t => t!["expr"]!.GetValue<string>()))
                {
                    queries.Add(Path.GetFileName(file), expr);
                }
            }

            return queries;
        }
    }

    private static HashSet<string> Recorded => [.. File.ReadLines(SourceTree.PathOf("infra/prometheus/rules.yml"))
        .Select(static l => RecordPattern().Match(l)).Where(static m => m.Success).Select(static m => m.Groups[1].Value)];

    /// <summary>Run with GATEWAY_UPDATE_DOCS=1 to write the page anew after a change of the instruments.</summary>
    [Fact]
    public async Task The_page_lists_every_metric()
    {
        var path = SourceTree.PathOf("docs/metrics.md");
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        Assert.True(end >= begin, "docs/metrics.md has lost the marks around its table");
        var expected = Table();
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, page[..begin] + expected + page[end..], TestContext.Current.CancellationToken);
            return;
        }

        Assert.Equal(expected, page[begin..end]);
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public void Every_query_reads_what_is_exported(string file, string query)
    {
        Assert.All(PromQl.Metrics(query), name => Assert.True(_samples.Contains(name) || Recorded.Contains(name) || name.StartsWith("dotnet_", StringComparison.Ordinal), $"{file}: there is no {name}"));
        Assert.All(PromQl.Labels(query), label => Assert.True(MetricSource.Labels.Contains(label), $"{file}: no metric has the label {label}"));
        Assert.Equal(query.Count(static c => c == '('), query.Count(static c => c == ')'));
    }

    [Fact]
    public void Queries_are_found_and_taken_apart()
    {
        Assert.True(Queries.Count > 50);
        const string query = """histogram_quantile(0.9, sum by (le, provider) (rate(a_bucket{x=~"b|c"}[5m]))) / on (provider) b_total offset 5m > bool $min""";
        Assert.Equal(["a_bucket", "b_total"], PromQl.Metrics(query));
        Assert.Equal(["x", "le", "provider"], PromQl.Labels(query));
    }

    /// <summary>What promtool would say of the names.</summary>
    [Fact]
    public void Every_name_is_as_prometheus_wants_it()
    {
        Assert.True(MetricSource.All.Count > 70, $"only {MetricSource.All.Count} instruments were found");
        Assert.All(MetricSource.All, static m =>
        {
            Assert.Matches("^gateway_[a-z0-9_]+$", m.Family);
            Assert.Equal(m.Kind == SeriesKind.Counter, m.Family.EndsWith("_total", StringComparison.Ordinal));
            Assert.True(m.Meaning.Length > 10, $"{m.Name} says nothing of itself");
            Assert.DoesNotMatch("_(milliseconds|microseconds|minutes|hours|kibibytes|percent|bucket|count|sum|info_total)(_total)?$", m.Family);
            Assert.DoesNotMatch("__|_total_total|(gauge|counter|histogram)", m.Family);
        });

        // One name means one thing in all services.
        Assert.All(MetricSource.All.GroupBy(static m => m.Family), static g => Assert.Single(g.Select(static m => (m.Kind, m.Unit)).Distinct()));
        Assert.All(MetricSource.All.SelectMany(static m => m.Samples.Select(s => (s, m.Family))).GroupBy(static s => s.s), static g => Assert.Single(g.Select(static s => s.Family).Distinct()));
    }

    private static string Table()
    {
        var table = new StringBuilder("| at `/metrics` | OpenTelemetry | kind | unit | service | meaning |\n|---|---|---|---|---|---|\n");
        foreach (var metric in MetricSource.All)
        {
            table.Append($"| `{metric.Family}` | `{metric.Name}` | {metric.Kind.ToString().ToLowerInvariant()} | {metric.Unit?.Trim('{', '}') ?? ""} | {metric.Service} | {metric.Meaning.Replace("|", "\\|", StringComparison.Ordinal).TrimEnd('.')} |\n");
        }

        return table.ToString();
    }

    [GeneratedRegex("""^\s*- record: (\S+)""")]
    private static partial Regex RecordPattern();
}
