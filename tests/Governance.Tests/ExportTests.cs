using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Governance.Exports;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Gateway.Governance.Tests;

public sealed class ExportOnSqliteTests() : ExportTests(null);

public sealed class ExportOnPostgresTests(PostgresServer server) : ExportTests(server);

/// <summary>Records that leave the gateway: each at least once, whatever fails meanwhile, and never at the ledger's cost.</summary>
public abstract class ExportTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    [Fact]
    public async Task A_webhook_gets_every_record_signed_though_it_was_down_and_the_service_stopped_meanwhile()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answers = 503;
        var settings = Settings(("hook", "Type", "webhook"), ("hook", "Url", receiver.Address + "/hook"), ("hook", "Secret", "signing-secret"), ("hook", "BatchSize", "2"));
        var instance = await StartAsync(settings: settings);
        var records = Enumerable.Range(0, 3).Select(static _ => Record()).ToList();
        await IngestAsync(instance, records);
        await Eventually.TrueAsync(() => receiver.Refused > 0);
        await StopAsync(instance);
        receiver.Answers = 200;
        instance = await StartAsync(settings: settings);

        // The first of them again: it is in the ledger, and not exported a second time.
        await IngestAsync(instance, records[0]);
        await Eventually.TrueAsync(() => receiver.Taken.Count >= 2);
        await Eventually.TrueAsync(async () => await CountAsync(instance) == 0);

        var taken = receiver.Taken.SelectMany(static t => JsonNode.Parse(t.Body)!.AsArray()).Select(static r => r!["id"]!.GetValue<string>()).ToList();
        Assert.Equal(records.Select(static r => r.Id).Order(), taken.Order());
        foreach (var (body, signature, _) in receiver.Taken)
        {
            var time = signature.Split(',')[0]["t=".Length..];
            Assert.Equal($"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("signing-secret"), Encoding.UTF8.GetBytes($"{time}.{body}")))}", signature);
        }

        Assert.DoesNotContain("signing-secret", instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_gets_lines_and_a_collector_log_records_of_the_trace()
    {
        await using var receiver = await Receiver.StartAsync();
        var file = Path.Combine(DataDirectory, "out", "usage.jsonl");
        var instance = await StartAsync(settings: Settings(
            ("lines", "Type", "file"), ("lines", "Path", file), ("otel", "Type", "otlp"), ("otel", "Url", receiver.Address), ("otel", "Headers", "x-tenant=a%20b,x-other=c")));
        var record = Record();
        await IngestAsync(instance, record);
        await Eventually.TrueAsync(async () => await CountAsync(instance) == 0);

        var line = JsonNode.Parse(Assert.Single(await File.ReadAllLinesAsync(file, Cancellation)))!;
        Assert.Equal((record.Id, 42L, "edge-1"), (line["id"]!.GetValue<string>(), line["costNanoUsd"]!.GetValue<long>(), line["edge"]!.GetValue<string>()));
        var (body, _, headers) = Assert.Single(receiver.Taken);
        Assert.Equal(("/v1/logs", "a b"), (headers["path"], headers["x-tenant"]));
        var log = JsonNode.Parse(body)!["resourceLogs"]![0]!["scopeLogs"]![0]!["logRecords"]![0]!;
        Assert.Equal(TraceId, log["traceId"]!.GetValue<string>());
        Assert.Equal((record.StartedAtMicros * 1_000).ToString(CultureInfo.InvariantCulture), log["timeUnixNano"]!.GetValue<string>());
        var attributes = log["attributes"]!.AsArray().ToDictionary(static a => a!["key"]!.GetValue<string>(), static a => a!["value"]!.AsObject().Single().Value!.GetValue<string>());
        Assert.Equal(("chat", "m", "42", "7"), (attributes["gen_ai.operation.name"], attributes["gen_ai.request.model"], attributes["gateway.cost.nano_usd"], attributes["gen_ai.usage.input_tokens"]));
    }

    [Fact]
    public async Task A_record_that_is_refused_for_good_keeps_no_other()
    {
        await using var receiver = await Receiver.StartAsync();
        var bad = Record();
        receiver.Poison = bad.Id;
        var instance = await StartAsync(settings: Settings(("hook", "Type", "webhook"), ("hook", "Url", receiver.Address + "/hook")));
        List<UsageRecord> records = [Record(), bad, Record(), Record()];
        await IngestAsync(instance, records);
        await Eventually.TrueAsync(async () => await CountAsync(instance) == 0);

        var taken = receiver.Taken.SelectMany(static t => JsonNode.Parse(t.Body)!.AsArray()).Select(static r => r!["id"]!.GetValue<string>()).ToList();
        Assert.Equal(records.Where(r => r != bad).Select(static r => r.Id).Order(), taken.Order());
        Assert.Contains($"refuses the record {bad.Id}", instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_is_full_leaves_records_out_and_the_ledger_takes_them_all()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answers = 503;
        var instance = await StartAsync(settings: Settings(("hook", "Type", "webhook"), ("hook", "Url", receiver.Address + "/hook"), ("hook", "MaxWaiting", "2")));
        await IngestAsync(instance, Record(), Record());
        await Eventually.TrueAsync(async () => (await instance.Anonymous.GetStringAsync("/metrics", Cancellation)).Contains("gateway_exports_waiting{sink=\"hook\"} 2\n", StringComparison.Ordinal));
        var ack = await IngestAsync(instance, Record(), Record(), Record());

        Assert.Equal(3, ack.Stored);
        Assert.Equal(2, await CountAsync(instance));
        Assert.Contains("gateway_exports_left_out_total{sink=\"hook\",why=\"queue\"} 3\n", await instance.Anonymous.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
    }

    private async Task<long> CountAsync(Instance instance) => Convert.ToInt64(await ScalarAsync(instance, "SELECT COUNT(*) FROM export_queue"), CultureInfo.InvariantCulture);

    private static Dictionary<string, string?> Settings(params (string Sink, string Key, string Value)[] settings) =>
        settings.ToDictionary(static s => $"Gateway:Exports:{s.Sink}:{s.Key}", static s => (string?)s.Value);

    private static UsageRecord Record() => new()
    {
        Id = Guid.NewGuid().ToString("n"),
        StartedAtMicros = Now,
        Operation = Operation.Chat,
        Outcome = RequestOutcome.Completed,
        Status = 200,
        KeyId = "k",
        Model = "m",
        ProviderId = "p",
        CostNanoUsd = 42,
        PriceVersion = "1",
        TraceId = TraceId,
        Tokens = new TokenUsage { Input = 5, CacheRead = 2, Output = 3 },
    };

    private sealed class Receiver(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Body, string Signature, Dictionary<string, string> Headers)> _taken = new();
        private int _refused;

        public string Address => app.Urls.Single();

        public int Answers { get; set; } = 200;

        /// <summary>A record that is never taken.</summary>
        public string? Poison { get; set; }

        public int Refused => Volatile.Read(ref _refused);

        public IReadOnlyList<(string Body, string Signature, Dictionary<string, string> Headers)> Taken => [.. _taken];

        public static async Task<Receiver> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var receiver = new Receiver(app);
            app.Run(receiver.TakeAsync);
            await app.StartAsync(Cancellation);
            return receiver;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            if (Answers != 200 || (Poison is { } poison && body.Contains(poison, StringComparison.Ordinal)))
            {
                Interlocked.Increment(ref _refused);
                context.Response.StatusCode = Answers != 200 ? Answers : 422;
                return;
            }

            var headers = context.Request.Headers.ToDictionary(static h => h.Key.ToLowerInvariant(), static h => h.Value.ToString());
            headers["path"] = context.Request.Path;
            _taken.Enqueue((body, context.Request.Headers["x-gateway-signature"].ToString(), headers));
        }
    }
}

/// <summary>The configuration of exports, and files that grow.</summary>
public sealed class ExportOptionsTests
{
    [Theory]
    [InlineData("Type", "fax", "Type is 'fax'")]
    [InlineData("Colour", "red", "Colour is unknown")]
    [InlineData("Url", "ftp://x", "must be an absolute http")]
    [InlineData("BatchSize", "0", "must be a whole number from 1")]
    [InlineData("Headers", "nonsense", "name=value")]
    public void What_is_wrong_is_named(string key, string value, string expected)
    {
        var settings = new Dictionary<string, string?> { ["Gateway:Exports:s:Type"] = "webhook", ["Gateway:Exports:s:Url"] = "https://x.example" };
        settings[$"Gateway:Exports:s:{key}"] = value;
        var error = Assert.Throws<StartupException>(() => ExportOptions.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_set_aside_when_they_are_long_and_half_a_line_spoils_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("export-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "usage.jsonl");
            await File.WriteAllTextAsync(path, "{\"half", TestContext.Current.CancellationToken);
            var sink = new FileSink(new ExportSinkOptions("f", ExportType.File) { Path = path, MaxFileBytes = 4_096, KeepFiles = 2 });
            for (var i = 0; i < 5; i++)
            {
                Assert.Null((await sink.SendAsync([new ExportRow { Sink = "f", Id = $"{i}", Body = $"{{\"n\":{i},\"x\":\"{new string('x', 4_096)}\"}}" }], TestContext.Current.CancellationToken)).Problem);
            }

            Assert.Equal(["usage.jsonl", "usage.jsonl.1", "usage.jsonl.2"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
            Assert.StartsWith("{\"n\":4", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.StartsWith("{\"n\":3", await File.ReadAllTextAsync(path + ".1", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
