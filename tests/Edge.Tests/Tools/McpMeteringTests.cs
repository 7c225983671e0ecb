using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Tools;

public sealed class McpMeteringTests
{
    private const string Call = """{"jsonrpc":"2.0","id":"c-1","method":"tools/call","params":{"name":"files__read","arguments":{"path":"a"}}}""";

    [Fact]
    public async Task A_call_is_charged_its_price_and_recorded()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp", Call);
        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(Call, Assert.Single(hub.Proxied).Body);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((Operation.McpTool, "mcp:files/read", 3_000_000L, RequestOutcome.Completed, "main"), (record.Operation, record.Model, record.CostNanoUsd, record.Outcome, record.KeyId));
    }

    [Fact]
    public async Task Under_the_address_of_a_server_tools_have_their_own_names()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp/files", Call.Replace("files__read", "write_all", StringComparison.Ordinal));
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("mcp:files/write_all", 5_000_000L), (record.Model, record.CostNanoUsd));
    }

    [Fact]
    public async Task A_budget_is_never_overspent_and_the_refusal_is_an_error_of_json_rpc()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "0.01");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await PostAsync(edge, "/mcp", Call);
            Assert.Equal(200, (int)response.StatusCode);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        }));
        Assert.Equal(3, answers.Count(static a => a["result"] is not null));
        Assert.All(answers.Where(static a => a["error"] is not null), static a =>
        {
            Assert.Equal("c-1", a["id"]!.GetValue<string>());
            Assert.Equal("budget_exceeded", a["error"]!["data"]!["code"]!.GetValue<string>());
            Assert.NotEqual("", a["error"]!["message"]!.GetValue<string>());
        });
        Assert.Equal(3, hub.Proxied.Count);
        Assert.Equal(9_000_000, (await edge.RecordsAsync(20)).Sum(static r => r.CostNanoUsd));
    }

    [Fact]
    public async Task A_program_holds_what_its_calls_may_cost_and_is_charged_what_they_did()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        hub.Mcp = static http => http.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{\"gateway/cost-nano-usd\":1}"}],"_meta":{"gateway/cost-nano-usd":12000000}}}""");
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp", Call.Replace("files__read", "gateway__run_program", StringComparison.Ordinal));
        Assert.Equal("500000000", Assert.Single(hub.Proxied).Headers["x-gateway-mcp-hold"]);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("mcp:gateway/run_program", 12_000_000L), (record.Model, record.CostNanoUsd));
    }

    [Fact]
    public async Task A_program_holds_less_where_a_budget_has_no_room_for_more()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "0.03");
        using var response = await PostAsync(edge, "/mcp", Call.Replace("files__read", "gateway__run_program", StringComparison.Ordinal));
        Assert.Equal("25000000", Assert.Single(hub.Proxied).Headers["x-gateway-mcp-hold"]);
    }

    [Fact]
    public async Task A_program_whose_cost_is_not_told_is_charged_what_was_held()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp", Call.Replace("files__read", "gateway__run_program", StringComparison.Ordinal));
        Assert.Equal(500_000_000, Assert.Single(await edge.RecordsAsync(1)).CostNanoUsd);
    }

    [Theory]
    [InlineData("""{"gateway/refusal":"Forbidden"}""")]
    [InlineData("""{"gateway/approval":"ap-1"}""")]
    [InlineData("""{"gateway/connectAt":"https://sign.in"}""")]
    public async Task A_call_that_the_hub_did_not_make_costs_nothing(string meta)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        hub.Mcp = http => http.Response.WriteAsync($$$"""{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"no"}],"isError":true,"_meta":{{{meta}}}}}""");
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp", Call);
        Assert.Equal(0, Assert.Single(await edge.RecordsAsync(1)).CostNanoUsd);
    }

    [Fact]
    public void What_the_hub_says_is_found_wherever_its_answer_is_cut()
    {
        var bytes = Encoding.UTF8.GetBytes("""{"result":{"a":{"_meta":{"_meta":{"x":1}}},"text":"\"_meta\":{\"gateway/cost-nano-usd\":9}","_meta":{"gateway/cost-nano-usd":12345}}}""");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var finder = new Gateway.Edge.Mcp.CostFinder();
            finder.Read(bytes.AsSpan(0, cut));
            finder.Read(bytes.AsSpan(cut));
            Assert.Equal((12345L, false), (finder.NanoUsd, finder.WasNotMade));
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"_meta":{"gateway/refusal":"x"}},"content":[{"_meta":{"gateway/refusal":"x"},"result":{"_meta":{"gateway/refusal":"x"}}}]}}""")]
    [InlineData("""{"method":"notifications/progress","params":{"_meta":{"gateway/refusal":"x"}}}""")]
    [InlineData("""{"result":[{"_meta":{"gateway/refusal":"x"}}]}""")]
    [InlineData("""{"result":{"_meta":[{"gateway/refusal":1}],"error":{"gateway/refusal":1}}}""")]
    [InlineData("""{"result":{"_meta":{"a":{"gateway/refusal":1,"gateway/cost-nano-usd":1}}}}""")]
    [InlineData("""{"result":{"content":[{"type":"text","text":"\\\"},\"_meta\":{\"gateway/refusal\":1}"}]}}""")]
    [InlineData("""{"error":{"code":1,"data":{"fault":"TimedOut","gateway/may-have-run":true}}}""")]
    public void What_stands_elsewhere_in_an_answer_is_not_taken_for_the_hubs_word(string answer)
    {
        var finder = new Gateway.Edge.Mcp.CostFinder();
        finder.Read(Encoding.UTF8.GetBytes("event: message\ndata: " + answer + "\n\n"));
        Assert.Equal((null, false), (finder.NanoUsd, finder.WasNotMade));
    }

    [Fact]
    public async Task An_error_that_says_nothing_was_done_costs_nothing_and_one_that_does_not_costs_the_price()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        hub.Mcp = static http => http.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool"}}""");
        using var unknown = await PostAsync(edge, "/mcp", Call);
        hub.Mcp = static http => http.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"late","data":{"fault":"TimedOut","gateway/may-have-run":true}}}""");
        using var late = await PostAsync(edge, "/mcp", Call);
        // Each is settled after its answer: their records may come in any order.
        Assert.Equal([0L, 3_000_000L], (await edge.RecordsAsync(2)).OrderBy(static r => r.StartedAtMicros).Select(static r => r.CostNanoUsd));
    }

    [Fact]
    public async Task A_hub_that_breaks_off_in_a_call_may_have_made_it_and_the_call_is_charged()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        hub.Mcp = static http =>
        {
            http.Abort();
            return Task.CompletedTask;
        };
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp", Call);
        Assert.Equal(503, (int)response.StatusCode);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((3_000_000L, RequestOutcome.UpstreamUnavailable), (record.CostNanoUsd, record.Outcome));
    }

    [Fact]
    public async Task The_hubs_own_tool_that_calls_another_costs_what_the_other_costs()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp/gateway", """{"id":1,"method":"tools/call","params":{"name":"call_tool","arguments":{"name":"files.write_all","arguments":{}}}}""");
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("mcp:files/write_all", 5_000_000L), (record.Model, record.CostNanoUsd));
    }

    [Fact]
    public async Task Other_messages_pass_unmetered_with_who_calls_and_without_what_callers_claim()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-gateway-caller", "somebody-else");
        request.Headers.Add("x-gateway-mcp-hold", "999");
        request.Headers.Add("x-gateway-session", "s 1");
        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var headers = Assert.Single(hub.Proxied).Headers;
        Assert.Equal("main", headers["x-gateway-caller"]);
        Assert.Equal("s%201", headers["x-gateway-caller-session"]);
        Assert.DoesNotContain("x-gateway-mcp-hold", headers.Keys);
        Assert.DoesNotContain("authorization", headers.Keys);
        Assert.Empty(await edge.RecordsAsync(0));
    }

    [Fact]
    public async Task A_hub_that_is_down_costs_nothing()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        await hub.DisposeAsync();
        using var response = await PostAsync(edge, "/mcp", Call);
        Assert.Equal(503, (int)response.StatusCode);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((0L, RequestOutcome.UpstreamUnavailable), (record.CostNanoUsd, record.Outcome));
    }

    [Fact]
    public async Task Clients_are_told_where_tokens_are_to_be_had()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        using var anonymous = new HttpClient { BaseAddress = edge.Address };
        using var without = await anonymous.PostAsync(new Uri("/mcp/files", UriKind.Relative), new StringContent(Call), TestContext.Current.CancellationToken);
        Assert.Equal((401, "Bearer"), ((int)without.StatusCode, without.Headers.WwwAuthenticate.ToString()));
        using var nothing = await anonymous.GetAsync(new Uri("/.well-known/oauth-protected-resource/mcp", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)nothing.StatusCode);

        var holder = edge.Services.GetRequiredService<RuntimeHolder>();
        var snapshot = holder.Current!.KeyModel.Snapshot;
        Assert.Empty(holder.Apply(snapshot with { Version = snapshot.Version + 1, JwtIssuers = [new JwtIssuerEntry { Id = "i", Name = "I", KeyId = "main", Issuer = "http://127.0.0.1:9/issuer", Audiences = ["gateway"] }] }));
        using var with = await anonymous.PostAsync(new Uri("/mcp/files", UriKind.Relative), new StringContent(Call), TestContext.Current.CancellationToken);
        Assert.Equal($"Bearer resource_metadata=\"{edge.Address}.well-known/oauth-protected-resource/mcp/files\"", with.Headers.WwwAuthenticate.ToString());
        var document = JsonNode.Parse(await anonymous.GetStringAsync(new Uri("/.well-known/oauth-protected-resource/mcp/files", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.Equal(($"{edge.Address}mcp/files", "http://127.0.0.1:9/issuer"), (document["resource"]!.GetValue<string>(), document["authorization_servers"]![0]!.GetValue<string>()));
    }

    [Fact]
    public async Task Several_messages_in_one_body_are_refused()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, "1");
        using var response = await PostAsync(edge, "/mcp", $"[{Call},{Call}]");
        Assert.NotNull(JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]);
        Assert.Empty(hub.Proxied);
    }

    private static Task<HttpResponseMessage> PostAsync(EdgeHost edge, string path, string body) => edge.PostAsync(path, body);

    private static async Task<EdgeHost> StartAsync(SimulatorHost simulator, FakeHub hub, string limitUsd)
    {
        var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, $"budgets: {{ b: {{ limitUsd: {limitUsd}, window: total }} }}", ", budgets: [b]"), settings: hub.Settings);
        var holder = edge.Services.GetRequiredService<RuntimeHolder>();
        var snapshot = holder.Current!.KeyModel.Snapshot;
        Assert.Empty(holder.Apply(snapshot with
        {
            Version = snapshot.Version + 1,
            McpServers = [new McpServerEntry { Id = "files", Url = "http://files.invalid", Tools = [new McpToolSettings { Tool = "write*", PriceNanoUsd = 5_000_000 }, new McpToolSettings { Tool = "*", PriceNanoUsd = 3_000_000 }] }],
        }));
        return edge;
    }
}
