using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ServiceDefaults.Tests;

public sealed partial class MetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_written_is_legal_text_format_and_families_stand_together()
    {
        await using var service = await TestService.StartAsync();
        var meter = Meter(service);
        meter.CreateCounter<long>("gateway.requests", "{request}", "Requests \\ with\nstrange help").Add(
            3, new KeyValuePair<string, object?>("model", "a\"b\\c\nd"), new KeyValuePair<string, object?>("http.status", 200));
        meter.CreateHistogram<double>("gateway.request.duration", "s").Record(0.003, new KeyValuePair<string, object?>("le", "reserved"));
        meter.CreateUpDownCounter<int>("9.strange-name").Add(-2);
        meter.CreateObservableGauge("gateway.load", () => double.PositiveInfinity, "1");

        using var response = await service.Client.GetAsync("/metrics", Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Lint(text);
        Assert.Contains("# HELP gateway_requests_total Requests \\\\ with\\nstrange help\n", text, StringComparison.Ordinal);
        Assert.Contains("gateway_requests_total{model=\"a\\\"b\\\\c\\nd\",http_status=\"200\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("gateway_request_duration_seconds_bucket{le_=\"reserved\",le=\"0.005\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("_9_strange_name -2\n", text, StringComparison.Ordinal);
        Assert.Contains("gateway_load +Inf\n", text, StringComparison.Ordinal);
        Assert.Contains("gateway_build_info{service=\"edge\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/openmetrics-text; version=1.0.0", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true)]
    [InlineData("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5", false)]
    [InlineData("*/*", false)]
    [InlineData("nonsense;;", false)]
    public async Task A_scraper_gets_the_format_that_it_prefers(string accept, bool open)
    {
        await using var service = await TestService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await service.Client.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(open ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(open, text.EndsWith("\n# EOF\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Open_metrics_have_units_counters_without_suffix_and_exemplars()
    {
        await using var service = await TestService.StartAsync();
        var meter = Meter(service);
        meter.CreateCounter<long>("gateway.requests", "{request}", "Says \"hello\"").Add(2);
        meter.CreateCounter<double>("gateway.cost", "usd").Add(0.5);
        var duration = meter.CreateHistogram<double>("gateway.request.duration", "s");
        duration.Record(0.003);
        using (Exemplar.Of((UInt128)0xABCDEF))
        {
            duration.Record(0.004);
            duration.Record(2);
        }

        duration.Record(0.0041);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text");
        using var response = await service.Client.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Contains("# HELP gateway_requests Says \\\"hello\\\"\n# TYPE gateway_requests counter\ngateway_requests_total 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE gateway_cost_usd counter\n# UNIT gateway_cost_usd usd\ngateway_cost_usd_total 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains("# UNIT gateway_request_duration_seconds seconds\n", text, StringComparison.Ordinal);
        Assert.Matches("gateway_request_duration_seconds_bucket\\{le=\"0.005\"\\} 3 # \\{trace_id=\"00000000000000000000000000abcdef\"\\} 0.004 [0-9]+\\.[0-9]{3}\n", text);
        Assert.Matches("gateway_request_duration_seconds_bucket\\{le=\"1.0\"\\} 3\n", text);
        Assert.Matches("gateway_request_duration_seconds_bucket\\{le=\"2.5\"\\} 4 # \\{trace_id=", text);
        Assert.DoesNotContain(" # {", await service.GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_runtime_shows_but_the_server_is_not_measured_by_default()
    {
        await using var service = await TestService.StartAsync();

        var text = await service.GetAsync("/metrics");

        Lint(text);
        Assert.Contains("dotnet_process_memory_working_set_bytes ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("kestrel", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_can_add_a_meter()
    {
        await using var service = await TestService.StartAsync(
            build: b => b.Services.Configure<TelemetryOptions>(o => o.Meters.Add("Microsoft.AspNetCore.Server.*")));

        var text = await service.GetAsync("/metrics");

        Lint(text);
        Assert.Contains("kestrel_active_connections", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Histograms_count_each_value_once_with_boundaries_included()
    {
        await using var service = await TestService.StartAsync();
        var histogram = Meter(service).CreateHistogram(
            "gateway.size", "By", null, null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [10L, 20L] });
        foreach (var value in (long[])[1, 10, 11, 20, 21])
        {
            histogram.Record(value);
        }

        var samples = Lint(await service.GetAsync("/metrics"));

        Assert.Equal(2, samples["gateway_size_bytes_bucket{le=\"10\"}"]);
        Assert.Equal(4, samples["gateway_size_bytes_bucket{le=\"20\"}"]);
        Assert.Equal(5, samples["gateway_size_bytes_bucket{le=\"+Inf\"}"]);
        Assert.Equal(5, samples["gateway_size_bytes_count"]);
        Assert.Equal(63, samples["gateway_size_bytes_sum"]);
    }

    [Fact]
    public async Task Counts_are_exact_when_many_threads_record_and_read_at_once()
    {
        await using var service = await TestService.StartAsync();
        var meter = Meter(service);
        var counter = meter.CreateCounter<long>("gateway.hits");
        var histogram = meter.CreateHistogram<double>("gateway.time", "s");
        const int threads = 8;
        const int each = 20_000;
        var reading = Task.Run(async () => { for (var i = 0; i < 20; i++) { Lint(await service.GetAsync("/metrics")); } }, Cancel);

        await Task.WhenAll(Enumerable.Range(0, threads).Select(t => Task.Run(
            () =>
            {
                for (var i = 0; i < each; i++)
                {
                    counter.Add(1, new("a", "x"), new("b", (i % 50).ToString(CultureInfo.InvariantCulture)));
                    histogram.Record(0.5, new KeyValuePair<string, object?>("a", "x"));
                }
            },
            Cancel)));
        await reading;

        var samples = Lint(await service.GetAsync("/metrics"));
        Assert.Equal(threads * each, samples.Where(s => s.Key.StartsWith("gateway_hits_total{", StringComparison.Ordinal)).Sum(s => s.Value));
        Assert.Equal(50, samples.Keys.Count(k => k.StartsWith("gateway_hits_total{", StringComparison.Ordinal)));
        Assert.Equal(threads * each, samples["gateway_time_seconds_count{a=\"x\"}"]);
        Assert.Equal(threads * each * 0.5, samples["gateway_time_seconds_sum{a=\"x\"}"]);
    }

    [Fact]
    public async Task Labels_beyond_the_cap_are_added_up_in_one_series()
    {
        await using var service = await TestService.StartAsync(
            build: b => b.Services.Configure<TelemetryOptions>(o => o.MaxSeriesPerInstrument = 10));
        var counter = Meter(service).CreateCounter<long>("gateway.users");
        Parallel.For(0, 1000, i => counter.Add(1, new KeyValuePair<string, object?>("user", i)));

        var samples = Lint(await service.GetAsync("/metrics")).Where(s => s.Key.StartsWith("gateway_users_total", StringComparison.Ordinal)).ToDictionary();

        Assert.Equal(11, samples.Count);
        Assert.Equal(990, samples["gateway_users_total{overflow=\"true\"}"]);
        Assert.Equal(1000, samples.Values.Sum());
    }

    [Fact]
    public async Task Tags_in_another_order_or_type_are_the_same_series()
    {
        await using var service = await TestService.StartAsync();
        var counter = Meter(service).CreateCounter<double>("gateway.cost");
        counter.Add(0.5, new("status", 200), new("ok", true));
        counter.Add(0.25, new("ok", "true"), new("status", "200"));
        counter.Add(-1, new("ok", "true"), new("status", "200"));

        var samples = Lint(await service.GetAsync("/metrics"));

        Assert.Equal(0.75, Assert.Single(samples, s => s.Key.StartsWith("gateway_cost_total", StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task Gauges_show_what_is_true_now()
    {
        await using var service = await TestService.StartAsync();
        var meter = Meter(service);
        List<Measurement<int>> now = [new(1, new KeyValuePair<string, object?>("p", "a")), new(2, new KeyValuePair<string, object?>("p", "b"))];
        meter.CreateObservableGauge("gateway.healthy", () => now);
        meter.CreateObservableCounter("gateway.broken", int () => throw new InvalidOperationException("faulty"));
        var gauge = meter.CreateGauge<long>("gateway.version");
        gauge.Record(long.MaxValue);
        gauge.Record(9007199254740993);

        var first = await service.GetAsync("/metrics");
        now = [new(5, new KeyValuePair<string, object?>("p", "b"))];
        var second = Lint(await service.GetAsync("/metrics"));

        Assert.Equal(1, Lint(first)["gateway_healthy{p=\"a\"}"]);
        Assert.DoesNotContain("gateway_healthy{p=\"a\"}", second.Keys);
        Assert.Equal(5, second["gateway_healthy{p=\"b\"}"]);
        Assert.Contains("gateway_version 9007199254740993\n", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instrument_of_a_taken_name_and_another_kind_is_left_out()
    {
        await using var service = await TestService.StartAsync();
        var meter = Meter(service);
        meter.CreateUpDownCounter<int>("gateway.twice").Add(1);
        meter.CreateHistogram<int>("gateway.twice").Record(7);

        Assert.Equal(1, Lint(await service.GetAsync("/metrics"))["gateway_twice"]);
    }

    [Fact]
    public async Task Recording_a_known_series_allocates_nothing()
    {
        await using var service = await TestService.StartAsync();
        var counter = Meter(service).CreateCounter<long>("gateway.free");
        object status = 200;
        KeyValuePair<string, object?>[] tags = [new("route", "chat"), new("model", "demo"), new("status", status), new("ok", "true")];
        counter.Add(1, tags.AsSpan());

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            counter.Add(1, tags.AsSpan());
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("http.server.request.duration", "s", "http_server_request_duration_seconds")]
    [InlineData("a.duration.seconds", "s", "a_duration_seconds")]
    [InlineData("a..b--c", null, "a_b_c")]
    [InlineData("speed", "By/s", "speed_bytes_per_second")]
    [InlineData("speed", "{token}/s", "speed_per_second")]
    [InlineData("part", "1", "part")]
    public void Names_get_their_unit_as_a_word(string name, string? unit, string expected)
        => Assert.Equal(expected, Telemetry.Prometheus.MetricName.Family(name, unit, Telemetry.Prometheus.SeriesKind.Gauge));

    [Theory]
    [InlineData("gateway.sent", "By", "gateway_sent_bytes_total")]
    [InlineData("gateway.sent.total", "By", "gateway_sent_bytes_total")]
    [InlineData("gateway.cpu", "s", "gateway_cpu_seconds_total")]
    public void Counters_end_in_total(string name, string unit, string expected)
        => Assert.Equal(expected, Telemetry.Prometheus.MetricName.Family(name, unit, Telemetry.Prometheus.SeriesKind.Counter));

    private static Meter Meter(TestService service) => service.App.Services.GetRequiredService<IMeterFactory>().Create("Gateway.Tests");

    /// <summary>Checks every line against the format and returns the samples by name with labels.</summary>
    private static Dictionary<string, double> Lint(string text)
    {
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var family = "";
        foreach (var line in text.Split('\n')[..^1])
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Assert.Matches(HelpLine(), line);
            }
            else if (line.StartsWith('#'))
            {
                var match = TypeLine().Match(line);
                Assert.True(match.Success, line);
                family = match.Groups[1].Value;
                Assert.True(types.TryAdd(family, match.Groups[2].Value), $"family twice: {line}");
            }
            else
            {
                var match = SampleLine().Match(line);
                Assert.True(match.Success, line);
                var name = match.Groups["name"].Value;
                var expected = types[family] == "histogram" ? HistogramSuffix().Replace(name, "") : name;
                Assert.Equal(family, expected);
                var labels = match.Groups["label"].Captures.Select(c => c.Value).ToArray();
                Assert.Equal(labels.Length, labels.Distinct().Count());
                var value = match.Groups["value"].Value switch
                {
                    "+Inf" => double.PositiveInfinity,
                    "-Inf" => double.NegativeInfinity,
                    "NaN" => double.NaN,
                    var number => double.Parse(number, CultureInfo.InvariantCulture),
                };
                Assert.True(samples.TryAdd(line[..line.LastIndexOf(' ')], value), $"series twice: {line}");
            }
        }

        return samples;
    }

    [GeneratedRegex(@"^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* ([^\\]|\\\\|\\n)+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]|\\\\|\\"|\\n)*"(,(?=[a-zA-Z_])|(?=\})))+\})? (?<value>[+-]?(Inf|NaN|[0-9.]+([eE][+-]?[0-9]+)?)|NaN)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
