using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.Edge.Tests.Guarding;
using Gateway.LlmSimulator;
using Gateway.McpHub.Tests.Governed;
using Gateway.Tests;

namespace Gateway.Edge.Tests.Tools.RealHub;

/// <summary>Rules that ask other services, over calls of tools: the hub has an edge ask them. Here the edge runs alone; each kind of rule has a key of its own.</summary>
public sealed class GuardedHubTests : IAsyncLifetime
{
    private const string Secret = "a-secret-of-a-service-123";

    private readonly string folder = Path.Combine(Path.GetTempPath(), "gateway-guarded-" + Guid.NewGuid().ToString("n"));
    private readonly ToolFixture tools = new();
    private readonly Dictionary<string, AnsweringService> services = [];
    private SimulatorHost simulator = null!;
    private EdgeHost edge = null!;
    private ServiceProcess hub = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await tools.StartAsync();
        tools.Tools["write"] = "Writes.";
        simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        foreach (var (name, answer) in new (string, string)[]
        {
            ("spans", """{"findings":[{"index":0,"start":6,"length":5,"kind":"own","score":0.9}]}"""), ("blocks", """{"flagged":true,"breakdown":[{"detector_type":"prompt_attack","detected":true}]}"""),
            ("passes", """{"verdict":"allow"}"""), ("fails", "500"), ("never", "never"),
        })
        {
            services[name] = await AnsweringService.StartAsync(answer);
        }

        var address = ServiceProcess.FreeAddress();
        edge = await EdgeHost.StartAsync(Yaml(), Directory.CreateDirectory(Path.Combine(folder, "edge")).FullName, settings: new Dictionary<string, string?> { ["services:mcphub:http:0"] = address.ToString(), [WireNames.InternalTokenKey] = ServiceProcess.Token });
        hub = await ServiceProcess.StartAtAsync(address, "Gateway.McpHub", ("services:governance:http:0", edge.Address.ToString()), (WireNames.DataDirectoryKey, Path.Combine(folder, "hub")));
        for (var began = TimeProvider.System.GetTimestamp(); (await CallAsync("none")).Outcome != McpCallOutcome.Done;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), hub.Output);
            await Task.Delay(20, Cancel);
        }

        tools.Calls.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await edge.DisposeAsync();
        await simulator.DisposeAsync();
        await tools.DisposeAsync();
        foreach (var service in services.Values)
        {
            await service.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task They_are_asked_by_the_edge_with_its_credentials_and_what_they_find_decides()
    {
        // A webhook that names a place: it is changed in the arguments and in the result.
        var spans = await CallAsync("spans");
        Assert.Equal("""{"a":"[OWN]"}""", Assert.Single(tools.Calls).Arguments);
        Assert.Equal("""{"a":"[OWN]"}""", TextOf(spans));
        Assert.Equal(2, services["spans"].Calls.Count);
        Assert.All(services["spans"].Calls, static c => Assert.Equal(Secret, c.Signing(Secret)));
        var asked = JsonNode.Parse(services["spans"].Calls[0].Body)!;
        Assert.Equal(("p-spans", "spans", "s/write", """{"a":"Maria"}""", "mcp", "write"), ((string?)asked["policy"], (string?)asked["key"], (string?)asked["model"], (string?)asked["texts"]![0]!["text"], (string?)asked["texts"]![0]!["place"], (string?)asked["texts"]![0]!["tool"]));

        // A service of a known form that blocks: nothing goes to the server.
        tools.Calls.Clear();
        var blocked = await CallAsync("blocks");
        Assert.Equal((McpCallOutcome.Refused, "Not to this tool."), (blocked.Outcome, blocked.Reason));
        Assert.Contains(Secret, Assert.Single(services["blocks"].Calls).Headers["authorization"], StringComparison.Ordinal);
        Assert.Empty(tools.Calls);

        Assert.Equal("""{"a":"Maria"}""", TextOf(await CallAsync("passes")));
        Assert.Equal(2, services["passes"].Calls.Count);

        // A judge is a call of the key, on a route that the key may not use itself.
        var judged = await CallAsync("judged");
        Assert.Equal(McpCallOutcome.Refused, judged.Outcome);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("judge", "judged"), (record.DeploymentId, record.KeyId));
        Assert.Contains("Is this gossip?", Assert.Single(simulator.Received).BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_they_give_no_verdict_the_policy_says_what_happens()
    {
        foreach (var name in (string[])["fails", "never", "gone"])
        {
            var closed = await CallAsync(name);
            Assert.Equal(McpCallOutcome.Refused, closed.Outcome);
            Assert.Contains("fail: closed", closed.Reason, StringComparison.Ordinal);
            Assert.Empty(tools.Calls);
            Assert.Equal("""{"a":"Maria"}""", TextOf(await CallAsync(name + "-open")));
            Assert.NotEmpty(tools.Calls);
            tools.Calls.Clear();
        }

        var file = Path.Combine(folder, "edge", WireNames.Edge, "mcp-calls.jsonl");
        List<McpCallRecord> rows = [];
        for (var began = TimeProvider.System.GetTimestamp(); rows.Count(static r => r.Notes.Count > 0) < 6;)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "The calls were never told.");
            await Task.Delay(20, Cancel);
            rows = File.Exists(file) ? [.. (await File.ReadAllLinesAsync(file, Cancel)).Select(static l => JsonSerializer.Deserialize(l, ContractsJson.Default.McpCallRecord)!)] : [];
        }

        Assert.Equal(
            [
                "fails Guarded arguments: failed (status 500) webhook", "fails-open Done arguments: failed (status 500) webhook; result: failed (status 500) webhook",
                "gone Guarded arguments: failed (unreachable) webhook", "gone-open Done arguments: failed (unreachable) webhook; result: failed (unreachable) webhook",
                "never Guarded arguments: failed (timeout) webhook", "never-open Done arguments: failed (timeout) webhook; result: failed (timeout) webhook",
            ],
            rows.Where(static r => r.Notes.Count > 0).Select(static r => $"{r.KeyId} {r.Outcome} {string.Join("; ", r.Notes)}").Order(StringComparer.Ordinal));
        var metrics = await hub.Client.GetStringAsync("/metrics", Cancel);
        Assert.Contains("gateway_guardrails_rules_total", metrics, StringComparison.Ordinal);
        Assert.Matches("gateway_guardrails_rules_total\\{[^}]*result=\"failed\"", metrics);
    }

    [Fact]
    public async Task Only_a_service_may_ask_and_only_for_what_the_edge_has()
    {
        using var anybody = new HttpClient { BaseAddress = edge.Address };
        using (var refused = await anybody.PostAsync(new Uri(WireNames.GuardRulesPath, UriKind.Relative), new StringContent("{}"), Cancel))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        anybody.DefaultRequestHeaders.Add(WireNames.InternalTokenHeader, ServiceProcess.Token);
        foreach (var body in (string[])["{", "null", "{}", """{"policy":"p-spans","fingerprint":"","rules":[],"texts":[{"text":"x"}],"keyId":"spans"}""", """{"policy":"p-spans","fingerprint":"","rules":[0],"texts":[null],"keyId":"spans"}"""])
        {
            using var malformed = await anybody.PostAsync(new Uri(WireNames.GuardRulesPath, UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        }

        var request = new GuardRulesRequest { Policy = "p-spans", Fingerprint = "another", Rules = [0], Texts = [new GuardCheckText { Text = "x" }], KeyId = "spans" };
        using var other = await anybody.PostAsJsonAsync(WireNames.GuardRulesPath, request, ContractsJson.Default.GuardRulesRequest, Cancel);
        Assert.Equal("another configuration", Assert.Single((await other.Content.ReadFromJsonAsync(ContractsJson.Default.GuardRulesResponse, Cancel))!.Rules).Failure);
        Assert.Empty(services["spans"].Calls);
    }

    private static string TextOf(HubCallAnswer answer) => answer.Result is { } result ? result.GetProperty("content")[0].GetProperty("text").GetString()! : answer.Outcome + " " + answer.Reason;

    private async Task<HubCallAnswer> CallAsync(string key)
    {
        var query = new HubCallQuery { Caller = new HubCallerFacts { KeyId = key, TeamId = "", SessionId = "x" }, Name = "s__write", Arguments = JsonElement.Parse("""{"a":"Maria"}""") };
        using var response = await hub.Client.PostAsJsonAsync("/internal/call", query, ContractsJson.Default.HubCallQuery, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.HubCallAnswer, Cancel))!;
    }

    private string Yaml()
    {
        string Webhook(string name, string address, string more) =>
            $"p-{name}: {{ {more}, rules: [ {{ detector: webhook, action: {(name == "spans" ? "redact" : "block")}, scopes: [mcp], endpoint: {{ url: \"{address}\", credential: guard }} }} ] }}";
        string[] failing = ["fails", "never", "gone"];
        var gone = ServiceProcess.FreeAddress().ToString();
        string[] policies =
        [
            Webhook("spans", services["spans"].Address, "timeoutMilliseconds: 30000"), Webhook("passes", services["passes"].Address, "timeoutMilliseconds: 30000"),
            $"p-blocks: {{ timeoutMilliseconds: 30000, rules: [ {{ detector: lakera, action: block, message: Not to this tool., scopes: [mcp], endpoint: {{ url: \"{services["blocks"].Address}\", credential: guard }} }} ] }}",
            "p-judged: { timeoutMilliseconds: 30000, rules: [ { detector: judge, action: block, scopes: [mcp], judgeRoute: judge, judgePrompt: \"Is this gossip?\" } ] }",
            .. failing.SelectMany(n => new[] { Webhook(n, services.TryGetValue(n, out var s) ? s.Address : gone, $"fail: closed, timeoutMilliseconds: {(n == "never" ? 300 : 30000)}"), Webhook(n + "-open", s?.Address ?? gone, $"fail: open, timeoutMilliseconds: {(n == "never" ? 300 : 30000)}") }),
        ];
        string[] keys = ["none", "spans", "passes", "blocks", "judged", .. failing, .. failing.Select(static n => n + "-open")];
        return $$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
              guard: { kind: openai, baseUrl: "{{services["spans"].Address}}", models: [], apiKey: {{Secret}} }
            deployments:
              judge: { provider: sim, model: "sim?text={{Uri.EscapeDataString("""{"violation": true, "score": 0.9, "category": "gossip"}""")}}", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              judge: { targets: [ { deployment: judge } ] }
            mcpServers:
              s: { url: "{{tools.Address}}", trust: all }
            guardrails:
              {{string.Join("\n  ", policies)}}
            keys:
              {{string.Join("\n  ", keys.Select(static k => $"{k}: {{ value: gw-test-of-guarded-hubs-{k}, allowedModels: [nothing]{(k == "none" ? "" : $", guardrailPolicies: [p-{k}]")} }}"))}}
            """;
    }
}
