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
