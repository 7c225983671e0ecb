using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Gateway.LlmSimulator;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Telemetry;

/// <summary>What the log and the headers of answers tell of requests.</summary>
public sealed class LogAndHeaderTests
{
    private static readonly string[] _figures = ["x-gateway-cost-usd", "x-gateway-overhead-us"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_log_has_one_line_for_each_request_where_it_is_asked_for_and_nothing_that_was_said()
    {
        using var lines = new CollectedLines();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { telemetry: { logLevel: information, requestLine: true } }"),
            services: s => s.AddSingleton<ILoggerProvider>(lines));
        using var good = await edge.ChatAsync("sim?tokens=3");
        var id = good.Headers.GetValues("x-gateway-request-id").Single();
        using var bad = await edge.ChatAsync("nobody-has-this");

        var requests = lines.All.Where(static l => l.StartsWith("request ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, requests.Count);
        Assert.StartsWith($"request {id} ", requests[0], StringComparison.Ordinal);
        Assert.Contains("model=sim?tokens=3 key=main deployment=sim status=200 outcome=completed error= attempts=1", requests[0], StringComparison.Ordinal);
        Assert.Contains("status=404 outcome=rejected error=model_not_found", requests[1], StringComparison.Ordinal);
        Assert.All(lines.All, static l => Assert.DoesNotContain("hello there", l, StringComparison.Ordinal));
        Assert.All(lines.All, static l => Assert.DoesNotContain(EdgeHost.Key, l, StringComparison.Ordinal));
        Assert.All(lines.All, static l => Assert.DoesNotContain("sk-provider-secret", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_level_of_the_log_changes_while_the_edge_runs()
    {
        using var lines = new CollectedLines();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "settings: { telemetry: { logLevel: LEVEL, requestLine: true } }");
        await using var edge = await EdgeHost.StartAsync(yaml.Replace("LEVEL", "warning", StringComparison.Ordinal), services: s => s.AddSingleton<ILoggerProvider>(lines));
        using (await edge.ChatAsync("sim?tokens=1"))
        {
            Assert.DoesNotContain(lines.All, static l => l.StartsWith("request ", StringComparison.Ordinal));
        }

        await File.WriteAllTextAsync(edge.ConfigFile, yaml.Replace("LEVEL", "information", StringComparison.Ordinal), Cancel);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await edge.ChatAsync("sim?tokens=1");
                return lines.All.Any(static l => l.StartsWith("request ", StringComparison.Ordinal));
            },
            "the level did not change");
    }

    [Fact]
    public async Task Answers_tell_route_cost_and_the_gateways_own_time()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.ChatAsync("sim?tokens=10");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("sim", "sim*"), (Header(response, "x-gateway-provider"), Header(response, "x-gateway-route")));
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(record.CostNanoUsd / 1e9m, decimal.Parse(Header(response, "x-gateway-cost-usd")!, CultureInfo.InvariantCulture));
        Assert.InRange(long.Parse(Header(response, "x-gateway-overhead-us")!, CultureInfo.InvariantCulture), 1, record.DurationMicros);
    }

    [Theory]
    [InlineData("minimal", false, false)]
    [InlineData("basic", true, false)]
    [InlineData("full", true, true)]
    public async Task Headers_are_switched_by_the_settings(string level, bool provider, bool cost)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, $"settings: {{ telemetry: {{ responseHeaders: {level} }} }}");
        using var response = await edge.ChatAsync("sim?tokens=1");

        Assert.True(response.Headers.Contains("x-gateway-request-id"));
        Assert.Equal(provider, response.Headers.Contains("x-gateway-provider"));
        Assert.Equal(cost, response.Headers.Contains("x-gateway-cost-usd"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_streams_figures_follow_in_trailers_for_callers_that_take_those(bool takes)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl), services: static s => s.Configure<KestrelServerOptions>(static k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Listen(IPAddress.Loopback, 0, static o => o.Protocols = HttpProtocols.Http2);
        }));
        var second = edge.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last();
        using var client = new HttpClient { BaseAddress = new Uri(second) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(EdgeHost.Chat("sim?tokens=5", "\"stream\":true"), System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = edge.Client.DefaultRequestHeaders.Authorization;
        if (takes)
        {
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        }

        using var response = await client.SendAsync(request, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.EndsWith("data: [DONE]\n\n", body, StringComparison.Ordinal);
        Assert.All(_figures, f => Assert.False(response.Headers.Contains(f)));
        Assert.All(_figures, f => Assert.Equal(takes, response.TrailingHeaders.Contains(f)));
        if (takes)
        {
            var record = Assert.Single(await edge.RecordsAsync(1));
            Assert.Equal(record.CostNanoUsd / 1e9m, decimal.Parse(response.TrailingHeaders.GetValues("x-gateway-cost-usd").Single(), CultureInfo.InvariantCulture));
        }
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private sealed class CollectedLines : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> All => [.. _lines];

        public ILogger CreateLogger(string categoryName) => new Collector(_lines);

        public void Dispose()
        {
        }

        private sealed class Collector(ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));
        }
    }
}
