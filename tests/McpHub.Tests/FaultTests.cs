using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;

namespace Gateway.McpHub.Tests;

/// <summary>What comes of servers that fail: the table in docs/mcp.md.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private FixtureServer server = null!;
    private HubFixture hub = null!;
    private string session = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await FixtureServer.StartAsync();
        hub = await HubFixture.StartAsync($$"""{"id":"fix","url":"{{server.Url}}"},{"id":"short","url":"{{server.Url}}","timeout":"00:00:00.3"},{"id":"down","url":"http://127.0.0.1:9/mcp"},{"id":"meta","url":"http://169.254.169.254/mcp","allowLinkLocal":true}""");
        session = await hub.BeginAsync("/mcp");
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("fix__big", "TooLarge")]
    [InlineData("fix__malformed", "Malformed")]
    [InlineData("fix__wrongid", "WrongId")]
    [InlineData("fix__broken", "BrokenOff")]
    [InlineData("fix__refused", "Refused")]
    [InlineData("short__hang", "TimedOut")]
    public async Task Each_failure_has_its_outcome_and_the_next_call_works(string tool, string fault)
    {
        var failed = await CallAsync(tool);
        var after = await CallAsync("fix__echo");

        Assert.Equal(-32603, (int)failed["error"]!["code"]!);
        Assert.Equal(fault, (string?)failed["error"]!["data"]!["fault"]);
        Assert.DoesNotContain("127.0.0.1", (string?)failed["error"]!["message"], StringComparison.Ordinal);
        Assert.NotNull(after["result"]);
    }

    [Fact]
    public async Task A_lost_session_is_begun_again_and_the_call_repeated_once()
    {
        Assert.NotNull((await CallAsync("fix__count"))["result"]);
        server.Sessions.Clear();

        Assert.NotNull((await CallAsync("fix__count"))["result"]);
        Assert.Equal(3, server.Calls("count"));
    }

    [Fact]
    public async Task A_call_that_broke_off_is_repeated_only_where_that_does_no_harm()
    {
        await CallAsync("fix__broken");
        Assert.Equal(1, server.Calls("broken"));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_at_the_server()
    {
        using var pending = new CancellationTokenSource();
        var call = hub.PostAsync("/mcp", """{"jsonrpc":"2.0","id":"slow","method":"tools/call","params":{"name":"fix__hang"}}""", session, cancellation: pending.Token);
        await Eventually(() => server.Calls("hang") == 1);
        using var sent = await hub.PostAsync("/mcp", """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}""", session, cancellation: Cancel);

        await Eventually(() => server.Received.Any(m => (string?)m["method"] == "notifications/cancelled"));
        using var response = await call;
        Assert.Empty(await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Of_a_name_that_is_there_twice_the_first_is_used_and_others_live_on_beside_a_dead_server()
    {
        server.Tools = ["echo", "echo", "count"];
        hub.Register($$"""{"id":"fix","url":"{{server.Url}}","maxConcurrent":7},{"id":"down","url":"http://127.0.0.1:9/mcp"}""");
        await EventuallyAsync(async () => Names(await hub.AskAsync("/mcp", session, "tools/list")) is ["fix__count", "fix__echo"]);
        var dead = await hub.AskAsync("/mcp/down", await hub.BeginAsync("/mcp/down"), "tools/list");

        Assert.Equal("Unreachable", (string?)dead["error"]!["data"]!["fault"]);
    }

    [Fact]
    public async Task A_server_that_restarts_is_told_of_meanwhile_and_used_again_afterwards()
    {
        var address = new Uri(server.Url).GetLeftPart(UriPartial.Authority);
        Assert.NotNull((await CallAsync("fix__count"))["result"]);
        await server.DisposeAsync();

        // Its tools stay listed as it gave them last.
        var down = await CallAsync("fix__count");
        Assert.Contains((string?)down["error"]!["data"]!["fault"], new[] { "Unreachable", "BrokenOff" });
        Assert.Contains("fix__count", Names(await hub.AskAsync("/mcp", session, "tools/list")));

        server = await FixtureServer.StartAsync(address: address);
        await EventuallyAsync(async () => (await CallAsync("fix__count"))["result"] is not null);

        // One that the new one refuses, for it knows no session of the old, and the same again.
        Assert.InRange(server.Calls("count"), 1, 2);
    }

    [Fact]
    public async Task A_call_that_does_no_harm_is_repeated_once_where_its_answer_broke_off()
    {
        var broken = 0;
        await using var flaky = await StubServer.StartAsync((http, message) =>
        {
            switch ((string?)message?["method"])
            {
                case "initialize":
                    return StubServer.InitializeAsync(http, message!);
                case "tools/list":
                    return StubServer.ResultAsync(http, message!, """{"tools":[{"name":"safe","inputSchema":{"type":"object"},"annotations":{"idempotentHint":true}}]}""");
                case "tools/call" when Interlocked.Increment(ref broken) == 1:
                    http.Abort();
                    return Task.CompletedTask;
                case "tools/call":
                    return StubServer.ResultAsync(http, message!, """{"content":[]}""");
                default:
                    http.Response.StatusCode = message?["id"] is null ? 202 : 404;
                    return Task.CompletedTask;
            }
        });
        hub.Register($$"""{"id":"flaky","url":"{{flaky.Url}}"}""");
        await EventuallyAsync(async () => Names(await hub.AskAsync("/mcp", session, "tools/list")) is ["flaky__safe"]);

        Assert.NotNull((await CallAsync("flaky__safe"))["result"]);
        Assert.Equal(2, flaky.Count("tools/call"));
    }

    [Fact]
    public async Task Beyond_its_places_a_server_is_busy()
    {
        hub.Register($$"""{"id":"narrow","url":"{{server.Url}}","maxConcurrent":1,"timeout":"00:00:00.5"}""");
        await EventuallyAsync(async () => Names(await hub.AskAsync("/mcp", session, "tools/list")).Contains("narrow__hang"));

        var faults = (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CallAsync("narrow__hang")))).Select(r => (string?)r["error"]!["data"]!["fault"]).ToList();

        Assert.Contains("Busy", faults);
        Assert.Contains("TimedOut", faults);
        Assert.NotNull((await CallAsync("narrow__echo"))["result"]);
    }

    [Fact]
    public async Task Tools_that_change_are_told_to_clients_and_listed_anew()
    {
        await using var changing = await FixtureServer.StartAsync(hasStreams: true);
        hub.Register($$"""{"id":"moving","url":"{{changing.Url}}"}""");
        await EventuallyAsync(async () => Names(await hub.AskAsync("/mcp", session, "tools/list")).Contains("moving__count"));
        await Eventually(() => changing.Streams > 0);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        request.Headers.Add("x-gateway-caller", "key-1");
        using var stream = await hub.Service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));

        changing.Tools = ["echo", "brandnew"];
        await changing.SayToolsChangedAsync();

        string? line;
        while ((line = await lines.ReadLineAsync(Cancel)) is not null && !line.Contains("notifications/tools/list_changed", StringComparison.Ordinal))
        {
        }

        Assert.NotNull(line);
        Assert.Equal(["moving__brandnew", "moving__echo"], Names(await hub.AskAsync("/mcp", session, "tools/list")));
        Assert.Contains("Unknown tool", (string?)(await CallAsync("moving__count"))["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_the_older_transport_wrong_ids_time_out_and_too_much_ends_the_session_only()
    {
        var streams = new System.Collections.Concurrent.ConcurrentDictionary<string, Microsoft.AspNetCore.Http.HttpContext>();
        await using var old = await StubServer.StartAsync(async (http, message) =>
        {
            if (message is null)
            {
                var id = Guid.NewGuid().ToString("N");
                streams[id] = http;
                await StubServer.EventsAsync(http, $"event: endpoint\ndata: /mcp?s={id}\n\n");
                await http.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            http.Response.StatusCode = 202;
            if (message["id"] is not { } asked)
            {
                return;
            }

            var tool = (string?)message["params"]?["name"];
            var result = (string?)message["method"] switch
            {
                "initialize" => """{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}""",
                "tools/list" => """{"tools":[{"name":"big","inputSchema":{"type":"object"}},{"name":"wrong","inputSchema":{"type":"object"}},{"name":"noise","inputSchema":{"type":"object"}},{"name":"good","inputSchema":{"type":"object"}}]}""",
                _ => $$"""{"content":[{"type":"text","text":"{{new string('x', tool == "big" ? 10 * 1024 * 1024 : 1)}}"}]}""",
            };
            var answer = $$$"""data: {"jsonrpc":"2.0","id":{{{(tool == "wrong" ? "424242" : asked.ToJsonString())}}},"result":{{{result}}} }""";
            await StubServer.EventsAsync(streams[http.Request.Query["s"].ToString()], (tool == "noise" ? "data: no message\n\n" : "") + answer + "\n\n");
            await streams[http.Request.Query["s"].ToString()].Response.Body.FlushAsync();
        });
        // Only who waits for what never comes has little patience: ten megabytes may take their time.
        hub.Register($$"""{"id":"old","url":"{{old.Url}}","transport":"sse","timeout":"00:01:00"},{"id":"hasty","url":"{{old.Url}}","transport":"sse","timeout":"00:00:01"}""");
        await EventuallyAsync(async () => Names(await hub.AskAsync("/mcp", session, "tools/list")) is var names && names.Contains("old__good") && names.Contains("hasty__wrong"));

        Assert.NotNull((await CallAsync("old__noise"))["result"]);
        Assert.Equal("TimedOut", (string?)(await CallAsync("hasty__wrong"))["error"]!["data"]!["fault"]);
        Assert.Equal("TooLarge", (string?)(await CallAsync("old__big"))["error"]!["data"]!["fault"]);
        Assert.NotNull((await CallAsync("old__good"))["result"]);
    }

    [Fact]
    public async Task Metadata_addresses_are_never_called()
    {
        var reply = await hub.AskAsync("/mcp/meta", await hub.BeginAsync("/mcp/meta"), "tools/list");

        Assert.Contains("metadata address", (string?)reply["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_shares_a_session_at_a_server_with_another_caller()
    {
        var other = await hub.BeginAsync("/mcp", caller: "key-2");
        await CallAsync("fix__count");
        await hub.AskAsync("/mcp", other, "tools/call", """{"name":"fix__count"}""", caller: "key-2");
        await hub.StatelessAsync("/mcp", "tools/call", """{"name":"fix__echo"}""", caller: "key-1");
        await hub.StatelessAsync("/mcp", "tools/call", """{"name":"fix__echo"}""", caller: "key-2");

        // Those four, and the hub's own for each of the two registrations.
        Assert.True(server.Sessions.Count >= 5, $"{server.Sessions.Count} sessions");
    }

    private static List<string> Names(JsonObject list) => [.. list["result"]!["tools"]!.AsArray().Select(t => (string)t!["name"]!)];

    private static Task Eventually(Func<bool> condition) => EventuallyAsync(() => Task.FromResult(condition()));

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, "it did not happen");
            await Task.Delay(30, Cancel);
        }
    }

    private Task<JsonObject> CallAsync(string tool) => hub.AskAsync("/mcp", session, "tools/call", $$$"""{"name":"{{{tool}}}","arguments":{}}""");
}
