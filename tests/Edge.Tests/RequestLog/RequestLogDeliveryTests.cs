using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.Edge.Configuration;
using Gateway.Edge.Hosting;
using Gateway.Edge.RequestLog;
using Gateway.Edge.RequestLog.Bodies;
using Gateway.Edge.RequestLog.Delivery;
using Gateway.Edge.Tests.ControlPlane;
using Gateway.LlmSimulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.RequestLog;

/// <summary>The request log of an edge under governance: a spool on disk, and what governance gets of it.</summary>
public sealed class RequestLogDeliveryTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("request-log-").FullName;
    private FakeGovernance _governance = null!;
    private SimulatorHost _simulator = null!;

    private string Spool => Path.Combine(_folder, "edge", "request-log");

    public async ValueTask InitializeAsync()
    {
        _governance = await FakeGovernance.StartAsync();
        _simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _governance.DisposeAsync();
        await _simulator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Only_what_usage_records_do_not_tell_is_sent_under_their_ids()
    {
        Publish();
        await using var app = await StartAsync();
        using var client = Client(app);
        for (var i = 0; i < 5; i++)
        {
            await ChatAsync(client, "sim?tokens=1");
        }

        await ChatAsync(client, "sim?status=500");
        await ChatAsync(client, "no-such-model");
        await ChatAsync(client, "sim?tokens=1", header: "x-gateway-explain");
        await Eventually.TrueAsync(() => _governance.Ledger.Count == 8 && _governance.Logs.Count == 3, "three of eight requests have an entry");
        var records = _governance.Ledger.ToDictionary(static r => r.Id);
        Assert.All(_governance.Logs.Values, e => Assert.Equal(records[e.Id].StartedAtMicros, e.StartedAtMicros));
        Assert.Equal(["", "model_not_found"], _governance.Logs.Keys.Select(id => records[id].ErrorCode).Distinct().Order().Where(static c => c.Length == 0 || c == "model_not_found"));
        Assert.Contains(_governance.Logs.Values, static e => e.Decision.Contains("\"routes\"", StringComparison.Ordinal));
        Assert.All(_governance.Logs.Values, static e => Assert.True(e.Request is null && e.Answer is null && e.Usage is null));
        await Eventually.TrueAsync(() => Directory.GetFiles(Spool).Length == 0, "what is delivered is deleted");
    }

    [Fact]
    public async Task While_governance_is_away_entries_wait_on_disk_redacted_and_through_a_restart_and_each_arrives_once()
    {
        Publish("settings: { requestLog: bodies }");
        var away = true;
        _governance.OnLogs = _ => Volatile.Read(ref away) ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
        await using (var app = await StartAsync())
        {
            using var client = Client(app);
            for (var i = 0; i < 20; i++)
            {
                await ChatAsync(client, "sim?tokens=2", $"message {i} of anna.b@example.org with sk-abcdefgh12345678");
            }

            await Eventually.TrueAsync(() => Files().Split('\n').Length == 21, "twenty entries wait");
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("anna.b", Files(), StringComparison.Ordinal);
        Assert.DoesNotContain("sk-abcdefgh", Files(), StringComparison.Ordinal);
        Assert.Empty(_governance.Logs);
        Volatile.Write(ref away, false);
        await using (var app = await StartAsync())
        {
            using var client = Client(app);
            await ChatAsync(client, "sim?tokens=2", "message 20");
            await Eventually.TrueAsync(() => _governance.Logs.Count == 21 && _governance.Ledger.Count == 21, "all arrive");
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(_governance.Ledger.Select(static r => r.Id).Order(), _governance.Logs.Keys.Order());
        for (var i = 0; i <= 20; i++)
        {
            Assert.Single(_governance.Logs.Values, e => e.Request!.Text.Contains($"message {i} ", StringComparison.Ordinal) || e.Request.Text.Contains($"message {i}\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_entry_that_governance_refuses_holds_up_no_other()
    {
        Publish("settings: { requestLog: bodies }");
        _governance.OnLogs = static batch => batch.Entries.Any(static e => e.Request!.Text.Contains("poison", StringComparison.Ordinal)) ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
        await using var app = await StartAsync();
        using var client = Client(app);
        for (var i = 0; i < 9; i++)
        {
            await ChatAsync(client, "sim?tokens=1", i == 4 ? "poison" : "fine");
        }

        await Eventually.TrueAsync(() => _governance.Logs.Count == 8, "the others arrive");
        await Eventually.TrueAsync(() => app.Services.GetRequiredService<LogMetrics>().Thinned == 1, "the refused one is counted");
    }

    [Fact]
    public async Task A_full_spool_leaves_out_bodies_first_then_entries_counts_both_and_keeps_what_it_has()
    {
        using var spool = new LogSpool(new LogSpoolOptions { Folder = Spool, MaxBytes = 10_000, SegmentBytes = 1_000 }, NullLogger<LogSpool>.Instance);
        var line = Encoding.UTF8.GetBytes(new string('x', 499) + "\n");
        var (written, refused) = (0, 0);
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(written * 500 > 7_500, spool.IsNearlyFull);
            (written, refused) = await spool.WriteAsync(line, TestContext.Current.CancellationToken) is null ? (written + 1, refused) : (written, refused + 1);
        }

        Assert.Equal((20, 10), (written, refused));
        var read = 0;
        while (await spool.PeekAsync(700, TestContext.Current.CancellationToken) is { Length: > 0 } lines)
        {
            read += lines.Length;
            await spool.DoneAsync(lines.Length, TestContext.Current.CancellationToken);
        }

        Assert.Equal(10_000, read);
        Assert.Empty(Directory.GetFiles(Spool));
        Assert.Null(await spool.WriteAsync(line, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_line_that_a_killed_process_left_half_written_is_no_entry_and_holds_nothing_up()
    {
        Directory.CreateDirectory(Spool);
        await File.WriteAllTextAsync(Path.Combine(Spool, "0000000003.jsonl"), "{\"a\":1}\n{\"b\":2", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Spool, "0000000004.jsonl"), "{\"c\":3", TestContext.Current.CancellationToken);
        using var spool = new LogSpool(new LogSpoolOptions { Folder = Spool }, NullLogger<LogSpool>.Instance);
        Assert.Null(await spool.WriteAsync("{\"d\":4}\n"u8.ToArray(), TestContext.Current.CancellationToken));
        foreach (var expected in (string[])["{\"a\":1}\n", "{\"d\":4}\n", ""])
        {
            var lines = await spool.PeekAsync(100, TestContext.Current.CancellationToken);
            Assert.Equal(expected, Encoding.UTF8.GetString(lines));
            if (lines.Length > 0)
            {
                await spool.DoneAsync(lines.Length, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public void What_bodies_take_in_memory_is_bounded_and_given_back()
    {
        var memory = new LogMemory(100_000);
        var captures = Enumerable.Range(0, 50).Select(_ => new LogCapture(memory, 64 * 1024)).ToList();
        captures.ForEach(static c =>
        {
            c.Request.Add(new byte[10_000]);
            c.TakeAnswer(new byte[3_000]);
        });
        Assert.InRange(memory.Taken, 50_000, 100_000);
        Assert.Contains(captures, static c => c.Request.IsStarved);
        Assert.All(captures, static c => Assert.Equal(10_000, c.Request.Total));
        captures.ForEach(static c => c.Return());
        Assert.Equal(0, memory.Taken);
    }

    private void Publish(string more = "") => _governance.Publish(GatewayFile.Load(Write(EdgeHost.Configuration(_simulator.BaseUrl, more))).Snapshot! with { Version = 7 });

    private string Write(string yaml)
    {
        var path = Path.Combine(_folder, "published.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }

    private string Files() => Directory.Exists(Spool) ? string.Concat(Directory.GetFiles(Spool).Order().Select(Read)) : "";

    private static string Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:DataDirectory"] = _folder,
            ["Gateway:DrainSeconds"] = "1",
            ["Gateway:InternalToken"] = FakeGovernance.Token,
            ["services:governance:http:0"] = _governance.Client().BaseAddress!.ToString(),
            ["Logging:LogLevel:Default"] = "None",
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IBodyRedactor, PatternRedactor>();
        var app = EdgeApp.Build(builder, EdgeOptions.Read(null, null, builder.Configuration));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = Client(app);
        await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the edge has its configuration");
        return app;
    }

    private static HttpClient Client(WebApplication app) =>
        new() { BaseAddress = new Uri(app.Urls.First()), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", EdgeHost.Key) } };

    private static async Task ChatAsync(HttpClient client, string model, string text = "hello", string? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent($$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{text}}"}]}""", Encoding.UTF8, "application/json"),
        };
        if (header is not null)
        {
            request.Headers.Add(header, "true");
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
