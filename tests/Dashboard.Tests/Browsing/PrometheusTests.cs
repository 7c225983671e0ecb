using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;
using Gateway.ServiceDefaults.Tests.Metrics;

namespace Gateway.Dashboard.Tests.Browsing;

/// <summary>Metrics of running services by the book; and Prometheus' own word on names and rules, where its programs are on PATH (Debian's package <c>prometheus</c>).</summary>
public sealed class PrometheusTests(WholeGateway gateway)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Rules { get; } = Repository.PathOf("infra/prometheus/rules.yml");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/openmetrics-text")]
    public async Task The_metrics_of_every_service_hold_to_their_format(string format)
    {
        Assert.SkipWhen(Chromium.Path is null, "the gateway of these tests runs only where chromium is on PATH");
        var key = (await gateway.ApiAsync(HttpMethod.Post, "/api/keys", new { name = "Linted" }))["key"]!.GetValue<string>();
        await gateway.CallAsync(key, "demo");
        using var http = new HttpClient();
        foreach (var address in Scraped())
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address + "/metrics");
            request.Headers.Accept.ParseAdd(format);
            using var answer = await http.SendAsync(request, Cancellation);
            Assert.Equal(format, answer.Content.Headers.ContentType?.MediaType);
            var wrong = MetricsLint.Check(await answer.Content.ReadAsStringAsync(Cancellation), isOpen: format != "text/plain");
            Assert.True(wrong.Count == 0, $"{address}: {string.Join('\n', wrong)}");
        }
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_rules_configuration_and_metrics()
    {
        Assert.SkipWhen(Repository.OnPath("promtool") is null, "promtool is not on PATH");
        Assert.SkipWhen(Chromium.Path is null, "the gateway of these tests runs only where chromium is on PATH");
        await PromtoolAsync(null, "check", "rules", Rules);
        await PromtoolAsync(null, "check", "config", Repository.PathOf("infra/prometheus/prometheus.yml"));
        var key = (await gateway.ApiAsync(HttpMethod.Post, "/api/keys", new { name = "Scraped" }))["key"]!.GetValue<string>();
        await gateway.CallAsync(key, "demo");
        using var http = new HttpClient();
        foreach (var address in Scraped())
        {
            await PromtoolAsync(await http.GetStringAsync(new Uri(address + "/metrics"), Cancellation), "check", "metrics");
        }
    }

    [Fact]
    public async Task Prometheus_scrapes_all_services_and_evaluates_every_rule()
    {
        Assert.SkipWhen(Repository.OnPath("prometheus") is null, "prometheus is not on PATH");
        Assert.SkipWhen(Chromium.Path is null, "the gateway of these tests runs only where chromium is on PATH");
        var folder = Directory.CreateTempSubdirectory("gw-prometheus-");
        var port = WholeGateway.FreePort();
        var file = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(
            file,
            $"""
            global: {"{"} scrape_interval: 1s, evaluation_interval: 1s {"}"}
            rule_files: [ "{Rules}" ]
            scrape_configs:
              - job_name: gateway
                static_configs: [ {"{"} targets: [ {string.Join(", ", Scraped().Select(a => $"\"{new Uri(a).Authority}\""))} ] {"}"} ]
            """,
            Cancellation);
        var start = new ProcessStartInfo(
            Repository.OnPath("prometheus")!,
            [$"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}", string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), "--log.level=error"]);
        using var prometheus = Process.Start(start)!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            var said = "";
            await Poll.UntilAsync(
                async () =>
                {
                    try
                    {
                        said = await http.GetStringAsync("/api/v1/rules", Cancellation);
                        var up = JsonNode.Parse(await http.GetStringAsync("/api/v1/query?query=count(gateway_build_info)", Cancellation))!["data"]!["result"]!.AsArray();
                        return up is [{ } count] && count["value"]![1]!.GetValue<string>() == Scraped().Count.ToString(CultureInfo.InvariantCulture) && RulesOf(said).All(static r => r["health"]!.GetValue<string>() != "unknown");
                    }
                    catch (HttpRequestException)
                    {
                        return false;
                    }
                },
                () => $"Prometheus never had all services, or never evaluated all rules: {said}");
            Assert.NotEmpty(RulesOf(said));
            Assert.All(RulesOf(said), static r => Assert.Equal(("ok", ""), (r["health"]!.GetValue<string>(), r["lastError"]?.GetValue<string>() ?? "")));
        }
        finally
        {
            prometheus.Kill(entireProcessTree: true);
            await prometheus.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<JsonNode> RulesOf(string said) => JsonNode.Parse(said)!["data"]!["groups"]!.AsArray().SelectMany(static g => g!["rules"]!.AsArray()).Select(static r => r!);

    private List<string> Scraped() => [gateway.Url, gateway.Governance.Address.GetLeftPart(UriPartial.Authority), gateway.HubUrl, gateway.CacheUrl];

    private static async Task PromtoolAsync(string? input, params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo(Repository.OnPath("promtool")!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (said, wrong) = (tool.StandardOutput.ReadToEndAsync(Cancellation), tool.StandardError.ReadToEndAsync(Cancellation));
        if (input is not null)
        {
            await tool.StandardInput.WriteAsync(input.AsMemory(), Cancellation);
        }

        tool.StandardInput.Close();
        await tool.WaitForExitAsync(Cancellation);
        Assert.True(tool.ExitCode == 0, $"promtool {string.Join(' ', arguments)}: {await said} {await wrong}");
    }
}
