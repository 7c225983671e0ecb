using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Tests;

/// <summary>Activity listeners are the whole process's: these tests run by themselves.</summary>
[CollectionDefinition(nameof(ProcessWideListeners), DisableParallelization = true)]
public sealed class ProcessWideListeners;

[Collection(nameof(ProcessWideListeners))]
public sealed partial class OtlpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traces_metrics_and_logs_reach_the_collector_by_the_time_the_service_has_stopped()
    {
        await using var collector = await Collector.StartAsync();
        using var source = new ActivitySource("Gateway.Tests");
        await using (var service = await TestService.StartAsync(
            collector.Settings(),
            map: app => app.MapGet("/work/{id}", (string id, ILogger<OtlpTests> log) =>
            {
                using var activity = source.StartActivity("step of the test");
                Worked(log, id);
                return Activity.Current?.TraceId.ToHexString();
            })))
        {
            service.App.Services.GetRequiredService<IMeterFactory>().Create("Gateway.Tests").CreateCounter<long>("gateway.sent.metric").Add(1);
            var traceId = await service.GetAsync("/work/item-7");
            Assert.Equal(32, traceId.Length);
            await service.GetAsync("/health/ready");
            await service.App.StopAsync(Cancel);

            var traces = collector.Received("/v1/traces");
            Assert.Contains("edge-of-the-test", traces, StringComparison.Ordinal);
            Assert.Contains("deployment.environment", traces, StringComparison.Ordinal);
            Assert.Contains("step of the test", traces, StringComparison.Ordinal);
            Assert.Contains("GET /work/{id}", traces, StringComparison.Ordinal);
            Assert.Contains("http.response.status_code", traces, StringComparison.Ordinal);
            Assert.DoesNotContain("/health/ready", traces, StringComparison.Ordinal);
            Assert.Contains("gateway.sent.metric", collector.Received("/v1/metrics"), StringComparison.Ordinal);
            Assert.Contains("worked on item-7", collector.Received("/v1/logs"), StringComparison.Ordinal);
            Assert.Contains("edge-of-the-test", collector.Received("/v1/logs"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_sampler_is_the_operators_choice()
    {
        await using var collector = await Collector.StartAsync();
        var settings = collector.Settings();
        settings["OTEL_TRACES_SAMPLER"] = "traceidratio";
        settings["OTEL_TRACES_SAMPLER_ARG"] = "0";
        await using var service = await TestService.StartAsync(settings, map: app => app.MapGet("/work", () => "done"));

        await service.GetAsync("/work");
        await service.App.StopAsync(Cancel);

        Assert.Equal("", collector.Received("/v1/traces"));
        Assert.Contains("edge-of-the-test", collector.Received("/v1/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_down_holds_up_neither_requests_nor_the_stop()
    {
        await using var service = await TestService.StartAsync(
            new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" },
            map: app => app.MapGet("/work", () => "done"));

        Assert.Equal("done", await service.GetAsync("/work"));
        await service.App.StopAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task Without_an_endpoint_nobody_listens_and_a_request_makes_no_activity()
    {
        using var source = new ActivitySource("Gateway.Tests.Idle");
        using var http = new ActivitySource("System.Net.Http");
        await using var service = await TestService.StartAsync(map: app => app.MapGet("/work", () => Activity.Current is null ? "none" : "traced"));

        Assert.Equal("none", await service.GetAsync("/work"));
        Assert.False(source.HasListeners());
        Assert.False(http.HasListeners());
    }

    [Fact]
    public void An_endpoint_that_is_no_address_is_refused_at_start()
    {
        var error = Assert.Throws<InvalidOperationException>(() => TestService.Builder(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "localhost:4317" }));

        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", error.Message, StringComparison.Ordinal);
    }

    [LoggerMessage(1, LogLevel.Warning, "worked on {Id}")]
    private static partial void Worked(ILogger log, string id);

    private sealed class Collector(WebApplication app, ConcurrentQueue<(string Path, string Body)> received) : IAsyncDisposable
    {
        public static async Task<Collector> StartAsync()
        {
            var received = new ConcurrentQueue<(string, string)>();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            app.MapPost("/v1/{signal}", async (HttpContext context) =>
            {
                Assert.Equal("application/x-protobuf", context.Request.ContentType);
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, Cancel);
                received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
                context.Response.ContentType = "application/x-protobuf";
            });
            await app.StartAsync(Cancel);
            return new Collector(app, received);
        }

        public Dictionary<string, string?> Settings() => new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = app.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "edge-of-the-test",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=ci",
        };

        public string Received(string path) => string.Concat(received.Where(r => r.Path == path).Select(r => r.Body));

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
