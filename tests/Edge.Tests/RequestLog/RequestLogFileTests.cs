using System.Text;
using System.Text.Json.Nodes;
using Gateway.Edge.RequestLog.Bodies;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.RequestLog;

/// <summary>The request log of an edge alone: a file of JSON lines.</summary>
public sealed class RequestLogFileTests : IDisposable
{
    private const string Mail = "anna.b@example.org";
    private readonly string _folder = Directory.CreateTempSubdirectory("request-log-").FullName;

    private string Log => Path.Combine(_folder, "requests.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_request_is_a_line_that_says_what_happened_and_by_default_not_what_was_said()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator.BaseUrl);
        (await edge.ChatAsync("sim?tokens=3", "\"user\":\"u-1\"")).EnsureSuccessStatusCode();
        using var refused = await edge.ChatAsync("unknown");
        using var failed = await edge.ChatAsync("sim?status=500");
        var lines = await LinesAsync(3);

        var good = lines.Single(l => (int)l["usage"]!["status"]! == 200);
        Assert.Equal("main", (string)good["keyId"]!);
        Assert.Equal("u-1", (string)good["endUser"]!);
        Assert.Equal((string)good["id"]!, (string)good["usage"]!["id"]!);
        Assert.Equal("127.0.0.0/24", (string)good["clientAddress"]!);
        var bad = lines.Single(l => (int)l["usage"]!["status"]! == 404);
        Assert.Equal("model_not_found", (string)bad["usage"]!["errorCode"]!);
        Assert.Equal(("client", "authorize"), ((string)bad["fault"]!, (string)bad["step"]!));
        Assert.Equal(refused.Headers.GetValues("x-gateway-request-id").Single(), (string)bad["requestId"]!);
        Assert.All(lines, static l => Assert.True(l["request"] is null && l["answer"] is null));
        Assert.DoesNotContain("hello there", await File.ReadAllTextAsync(Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(lines.Select(static l => (string)l["id"]!).Order(), (await edge.RecordsAsync(3)).Select(static r => r.Id).Order());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Log));
        }
    }

    [Fact]
    public async Task Bodies_are_redacted_and_a_changed_level_holds_from_the_reload_on()
    {
        await using var provider = new FixedProvider("application/json", """{"id":"c","object":"chat.completion","model":"sim","choices":[{"index":0,"message":{"role":"assistant","content":"ask anna.b@example.org"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""");
        await using var edge = await StartAsync(provider.BaseUrl, "settings: { requestLog: bodies }");
        (await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim","messages":[{"role":"user","content":"mail {{Mail}}"}]}""")).EnsureSuccessStatusCode();
        var line = Assert.Single(await LinesAsync(1));
        Assert.Equal("mail [GONE]", (string)JsonNode.Parse((string)line["request"]!["text"]!)!["messages"]![0]!["content"]!);
        Assert.Equal("ask [GONE]", (string)JsonNode.Parse((string)line["answer"]!["text"]!)!["choices"]![0]!["message"]!["content"]!);
        Assert.Equal(1, (int)line["answer"]!["redacted"]!);
        Assert.Equal("stop", (string)line["finishReason"]!);
        Assert.NotNull(JsonNode.Parse((string)line["decision"]!)!["routes"]![0]!["candidates"]);

        var before = edge.Services.GetRequiredService<Gateway.Edge.Runtime.RuntimeHolder>().Current!.Version;
        await File.WriteAllTextAsync(edge.ConfigFile, Yaml(provider.BaseUrl, "settings: { requestLog: bodies }", ", requestLog: none"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => edge.Services.GetRequiredService<Gateway.Edge.Runtime.RuntimeHolder>().Current!.Version > before, "the file is read again");
        (await edge.ChatAsync("sim")).EnsureSuccessStatusCode();
        before = edge.Services.GetRequiredService<Gateway.Edge.Runtime.RuntimeHolder>().Current!.Version;
        await File.WriteAllTextAsync(edge.ConfigFile, Yaml(provider.BaseUrl, "settings: { requestLog: metadata }"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => edge.Services.GetRequiredService<Gateway.Edge.Runtime.RuntimeHolder>().Current!.Version > before, "the file is read again");
        (await edge.ChatAsync("sim")).EnsureSuccessStatusCode();
        var lines = await LinesAsync(2);
        Assert.Null(lines[1]["request"]);
        Assert.Equal(3, (await edge.RecordsAsync(3)).Count);
        Assert.DoesNotContain(Mail, await File.ReadAllTextAsync(Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"sim","stream":true,"messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/messages", """{"model":"sim","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/responses", """{"model":"sim","stream":true,"input":"hi"}""")]
    [InlineData("/v1beta/models/sim:streamGenerateContent", """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""")]
    [InlineData("/v1beta/models/sim:streamGenerateContent?alt=sse", """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""")]
    public async Task A_stream_is_one_answer_so_that_what_events_break_in_two_is_found(string path, string body)
    {
        var events = new StringBuilder();
        foreach (var piece in (string[])["write to an", "na.b@exa", "mple", ".org or use sk-abcd", "efgh12345678", " now"])
        {
            events.Append($$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[{"index":0,"delta":{"content":"{{piece}}"},"finish_reason":null}]}""").Append("\n\n");
        }

        events.Append("""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"sim","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":9,"total_tokens":10}}""").Append("\n\ndata: [DONE]\n\n");
        await using var provider = new FixedProvider("text/event-stream", events.ToString());
        await using var edge = await StartAsync(provider.BaseUrl, "settings: { requestLog: bodies }");
        using var answer = await edge.PostAsync(path, body);
        Assert.Contains("na.b@exa", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var line = Assert.Single(await LinesAsync(1));
        Assert.Contains("write to [GONE] or use [GONE] now", (string)line["answer"]!["text"]!, StringComparison.Ordinal);
        Assert.False((bool)line["answer"]!["cut"]!);
        Assert.True((int)line["events"]! >= 7);
        var all = await File.ReadAllTextAsync(Log, TestContext.Current.CancellationToken);
        Assert.All((string[])["anna.b", "mple.org", "sk-abcd", "efgh12345678"], piece => Assert.DoesNotContain(piece, all, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_breaks_a_malformed_body_and_a_form_are_kept_as_far_as_they_can_be()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator.BaseUrl, "settings: { requestLog: bodies, requestLogDetail: { maxBodyBytes: 1024 } }");
        using (var cut = await edge.ChatAsync("sim?tokens=20&cut=1500", "\"stream\":true"))
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => cut.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        using (var wrong = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim","user":"{{Mail}}","messages":[}"""))
        {
            Assert.Equal(400, (int)wrong.StatusCode);
        }

        using (var large = await edge.PostAsync("/v1/chat/completions", EdgeHost.Chat("sim?tokens=2", $"\"metadata\":{{\"note\":\"{new string('n', 3000)} {Mail}\"}}")))
        {
            large.EnsureSuccessStatusCode();
        }

        var lines = await LinesAsync(3);
        Assert.True((bool)lines[0]["answer"]!["cut"]!);
        Assert.Equal("upstream", (string)lines[0]["fault"]!);
        Assert.Equal("invalid_json", (string)lines[1]["usage"]!["errorCode"]!);
        Assert.StartsWith("""{"model":"sim","user":"[GONE]",""", (string)lines[1]["request"]!["text"]!, StringComparison.Ordinal);
        Assert.True((bool)lines[2]["request"]!["cut"]!);
        Assert.InRange(Encoding.UTF8.GetByteCount((string)lines[2]["request"]!["text"]!), 900, 1200);
        JsonNode.Parse((string)lines[2]["request"]!["text"]!);
        Assert.DoesNotContain(Mail, await File.ReadAllTextAsync(Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_is_rotated_and_no_line_is_lost_or_torn()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator.BaseUrl, log: "maxFileBytes: 65536, keepFiles: 20");
        for (var i = 0; i < 200; i++)
        {
            (await edge.ChatAsync("sim?tokens=1")).EnsureSuccessStatusCode();
        }

        await LinesAsync(200);
        Assert.True(File.Exists(Log + ".1"));
        Assert.All(Directory.GetFiles(_folder, "requests.jsonl*"), static f => Assert.InRange(new FileInfo(f).Length, 1, 66_000));
    }

    [Fact]
    public async Task Without_a_file_there_is_no_log_and_a_file_that_cannot_be_written_stops_no_request()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using (var edge = await EdgeHost.StartAsync(simulator, "settings: { requestLog: bodies }"))
        {
            (await edge.ChatAsync("sim?tokens=1")).EnsureSuccessStatusCode();
        }

        Assert.Empty(Directory.GetFiles(_folder));
        Directory.CreateDirectory(Log);
        await using var stubborn = await StartAsync(simulator.BaseUrl);
        (await stubborn.ChatAsync("sim?tokens=1")).EnsureSuccessStatusCode();
        var metrics = stubborn.Services.GetRequiredService<Gateway.Edge.RequestLog.LogMetrics>();
        await Eventually.TrueAsync(() => metrics.Thinned == 1, "what is left out is counted");
    }

    private string Yaml(string provider, string more = "", string keyMore = "", string log = "keepFiles: 3") =>
        EdgeHost.Configuration(provider, $"requestLog: {{ file: \"{Log}\", {log} }}\n{more}", keyMore);

    private Task<EdgeHost> StartAsync(string provider, string more = "", string log = "keepFiles: 3") =>
        EdgeHost.StartAsync(Yaml(provider, more, log: log), services: static s => s.AddSingleton<IBodyRedactor, PatternRedactor>());

    private async Task<List<JsonNode>> LinesAsync(int count)
    {
        List<JsonNode> lines = [];
        await Eventually.TrueAsync(() => (lines = Read()).Count >= count, $"{count} lines are written");
        Assert.Equal(count, lines.Count);
        return lines;
    }

    private List<JsonNode> Read()
    {
        // Oldest first; of the current file, only lines that have ended.
        var lines = new List<JsonNode>();
        foreach (var file in Directory.GetFiles(_folder, "requests.jsonl*").OrderByDescending(static f => f.Length).ThenByDescending(static f => f, StringComparer.Ordinal))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            var text = reader.ReadToEnd();
            lines.AddRange(text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => JsonNode.Parse(l)!));
        }

        return lines;
    }
}
