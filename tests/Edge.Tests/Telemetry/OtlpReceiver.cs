using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Telemetry;

/// <summary>A collector that takes OTLP over HTTP in protobuf, as any other does, and keeps what it is sent.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "20",
        ["OTEL_SERVICE_NAME"] = "edge-of-the-test",
    };

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/{signal}", async (HttpContext http, string signal) =>
        {
            Assert.Equal("application/x-protobuf", http.Request.ContentType);
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, TestContext.Current.CancellationToken);
            if (signal == "traces")
            {
                foreach (var span in OtlpSpan.Read(body.ToArray()))
                {
                    receiver._spans.Enqueue(span);
                }
            }

            http.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>The spans of one trace, once its request's span is there, which is sent last.</summary>
    public async Task<IReadOnlyList<OtlpSpan>> TraceAsync(string traceId, int spans = 1)
    {
        await Eventually.TrueAsync(() => _spans.Count(s => s.TraceId == traceId) >= spans && _spans.Any(s => s.TraceId == traceId && s.Kind == 2), $"the trace {traceId} did not come");
        return [.. _spans.Where(s => s.TraceId == traceId)];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
