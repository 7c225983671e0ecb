using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Caching;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Caching.Memory;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenAI;
using OpenAI.Chat;

namespace Gateway.Edge.Tests.Caching;

/// <summary>The exact cache as callers meet it.</summary>
public sealed class CacheTests
{
    private const string Mate = "gw-mate-00000000000000000000000000000000000000000";
    private const string Other = "gw-other-0000000000000000000000000000000000000000";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    internal static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    internal static (MemoryStore Memory, int Flights) Cache(EdgeHost edge) => (edge.Services.GetRequiredService<MemoryStore>(), edge.Services.GetRequiredService<FlightTable>().Count);

    [Fact]
    public async Task Nothing_is_cached_unless_it_is_switched_on()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        for (var i = 0; i < 2; i++)
        {
            using var answer = await edge.ChatAsync("sim");
            Assert.Null(Header(answer, "x-gateway-cache"));
        }

        Assert.Equal(2, simulator.Received.Count);
    }

    [Fact]
    public async Task What_does_not_shape_the_answer_does_not_part_requests_and_all_else_does()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        await AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"seed":1}""", "miss");
        await AskAsync(edge, """{"seed":1.0,"temperature":5e-1,"user":"u1","metadata":{"a":"b"},"messages":[{"content":"Hel\u006co","role":"user"}],"model":"sim"}""", "hit-exact");
        await AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"hello"}],"temperature":0.5,"seed":1}""", "miss");
        await AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"seed":2}""", "miss");
        await AskAsync(edge, """{"model":"sim?tokens=3","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"seed":1}""", "miss");
        await AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"seed":1,"tools":[{"type":"function","function":{"name":"f"}}]}""", "miss");
        await AskAsync(edge, """{"model":"sim","messages":[{"role":"user","content":"Hello"}],"temperature":0.5,"seed":1,"response_format":{"type":"json_object"}}""", "miss");
    }

    [Theory]
    [InlineData("", "sim?finish=length")]
    [InlineData("", "sim?refuse=1")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]", "sim?tools=1")]
    [InlineData("\"temperature\":1.2", "sim")]
    [InlineData("\"store\":true", "sim")]
    [InlineData("", "sim?status=400")]
    public async Task What_may_not_be_stored_is_not(string more, string model)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        foreach (var stream in (bool[])[false, true])
        {
            for (var i = 0; i < 2; i++)
            {
                using var answer = await edge.ChatAsync(model, more + (stream ? (more.Length > 0 ? "," : "") + "\"stream\":true" : ""));
                _ = await answer.Content.ReadAsStringAsync(Cancel);
                Assert.DoesNotContain("hit", Header(answer, "x-gateway-cache") ?? "", StringComparison.Ordinal);
                await Eventually.TrueAsync(() => Cache(edge).Flights == 0, "the call does not end");
            }
        }

        Assert.Equal(0, Cache(edge).Memory.Count);
    }

    [Fact]
    public async Task What_is_too_large_is_passed_on_and_not_stored()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { maxEntryBytes: 1024 } }");
        foreach (var more in (string[])["", "\"stream\":true"])
        {
            await AskAsync(edge, EdgeHost.Chat("sim?tokens=2000", more), "miss");
            await AskAsync(edge, EdgeHost.Chat("sim?tokens=2000", more), "miss");
        }
    }

    [Theory]
    [InlineData("sim?cut=200")]
    [InlineData("sim?endAfter=2")]
    [InlineData("sim?streamError=3")]
    [InlineData("sim?malformed=3")]
    public async Task A_stream_that_does_not_come_to_its_end_is_not_stored(string model)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        using var answer = await edge.ChatAsync(model, "\"stream\":true");
        try
        {
            _ = await answer.Content.ReadAsStringAsync(Cancel);
        }
        catch (HttpRequestException)
        {
            // It is broken off after its error event.
        }

        await Eventually.TrueAsync(() => Cache(edge).Flights == 0, "the call does not end");
        Assert.Equal(0, Cache(edge).Memory.Count);
    }

    [Fact]
    public async Task Tool_calls_and_high_temperatures_are_stored_where_policy_allows()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { toolCalls: true, maxTemperature: 2 } }");
        const string tools = "\"temperature\":1.9,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
        using var first = await edge.ChatAsync("sim?tools=1", tools);
        var calls = JsonNode.Parse(await first.Content.ReadAsStringAsync(Cancel))!["choices"]![0]!["message"]!["tool_calls"]!.ToJsonString();
        await Eventually.TrueAsync(() => Cache(edge).Flights == 0, "the call does not end");
        using var again = await edge.ChatAsync("sim?tools=1", tools);
        Assert.Equal("hit-exact", Header(again, "x-gateway-cache"));
        Assert.Equal(calls, JsonNode.Parse(await again.Content.ReadAsStringAsync(Cancel))!["choices"]![0]!["message"]!["tool_calls"]!.ToJsonString());
    }

    [Fact]
    public async Task Requests_narrow_what_policy_allows_by_their_headers()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var time = new ManualTime(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: exact, cachePolicy: { ttlSeconds: 100 } }"), services: s => s.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)));
        var body = EdgeHost.Chat("sim");
        await AskAsync(edge, body, "miss", ("Cache-Control", "no-store"));
        await AskAsync(edge, body, "miss");
        await AskAsync(edge, body, "hit-exact");
        await AskAsync(edge, body, "miss", ("Cache-Control", "no-cache"));
        await AskAsync(edge, body, "bypass", ("Cache-Control", "no-cache, no-store"));
        await AskAsync(edge, body, "bypass", ("x-gateway-cache-mode", "off"));
        await AskAsync(edge, body, "hit-exact", ("x-gateway-cache-mode", "semantic"));
        await AskAsync(edge, body, "miss", ("x-gateway-cache-namespace", "mine"));
        await AskAsync(edge, body, "hit-exact", ("x-gateway-cache-namespace", "mine"));
        time.Now += TimeSpan.FromSeconds(50);
        await AskAsync(edge, body, "miss", ("Cache-Control", "max-age=49"));
        await AskAsync(edge, body, "hit-exact", ("Cache-Control", "max-age=49"));
        await AskAsync(edge, body, "miss", ("Cache-Control", "no-cache"), ("x-gateway-cache-ttl", "10"));
        time.Now += TimeSpan.FromSeconds(11);
        await AskAsync(edge, body, "miss");
        time.Now += TimeSpan.FromSeconds(99);
        await AskAsync(edge, body, "hit-exact");
        time.Now += TimeSpan.FromSeconds(2);
        await AskAsync(edge, body, "miss");
        foreach (var (name, value) in new[] { ("x-gateway-cache-mode", "sometimes"), ("x-gateway-cache-ttl", "-1"), ("x-gateway-cache-namespace", new string('n', 200)) })
        {
            using var wrong = await SendAsync(edge, body, EdgeHost.Key, (name, value));
            var error = await EdgeHost.ErrorAsync(wrong, 400, "invalid_value");
            Assert.Equal(name, error["param"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("key", false, false)]
    [InlineData("team", true, false)]
    [InlineData("customer", true, true)]
    [InlineData("route", true, true)]
    public async Task Answers_are_shared_as_far_as_the_scope_goes(string scope, bool withMate, bool withOther)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Tenants(simulator, $"settings: {{ cache: exact, cachePolicy: {{ scope: {scope} }} }}"));
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        await AskAsync(edge, EdgeHost.Chat("sim"), "hit-exact");
        await AskAsync(edge, EdgeHost.Chat("sim"), withMate ? "hit-exact" : "miss", Mate);
        await AskAsync(edge, EdgeHost.Chat("sim"), withOther ? "hit-exact" : "miss", Other);
    }

    [Fact]
    public async Task A_shared_scope_must_be_switched_on_and_end_users_can_be_kept_apart()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = Tenants(simulator, "settings: { cache: exact, cachePolicy: { scope: shared, sharedScope: faq, perEndUser: true }, cacheStorage: { sharedScopes: [faq] } }");
        await using (var edge = await EdgeHost.StartAsync(yaml))
        {
            await AskAsync(edge, EdgeHost.Chat("sim"), "bypass");
            await AskAsync(edge, EdgeHost.Chat("sim", "\"user\":\"ann\""), "miss");
            await AskAsync(edge, EdgeHost.Chat("sim", "\"user\":\"ann\""), "hit-exact", Other);
            await AskAsync(edge, EdgeHost.Chat("sim", "\"user\":\"bob\""), "miss", Other);
        }

        var file = Path.Combine(Directory.CreateTempSubdirectory("edge-cache-").FullName, "gateway.yaml");
        await File.WriteAllTextAsync(file, yaml.Replace("sharedScopes: [faq]", "sharedScopes: [news]", StringComparison.Ordinal), Cancel);
        var problem = Assert.Single(Gateway.Edge.Configuration.GatewayFile.Load(file).Errors);
        Assert.Contains("not switched on", problem.ToString(), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task A_key_may_not_have_answers_of_providers_that_it_may_not_reach()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Tenants(simulator, "settings: { cache: exact, cachePolicy: { scope: route } }", ", allowedProviders: [other]"));
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        using var refused = await SendAsync(edge, EdgeHost.Chat("sim"), Mate);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task Off_on_a_route_or_a_key_is_final_and_the_key_says_the_rest()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = Tenants(simulator, "settings: { cache: exact }", ", cache: { mode: \"off\" }", ", cache: { ttlSeconds: 5, mode: exact }")
            .Replace("\"sim*\": { targets: [ { deployment: sim } ] }", "\"sim*\": { targets: [ { deployment: sim } ] }\n  sim-never: { targets: [ { deployment: sim } ], cache: { mode: \"off\" } }", StringComparison.Ordinal)
            .Replace("model: \"sim*\"", "model: sim", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        await AskAsync(edge, EdgeHost.Chat("sim"), null, Mate);
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss", Other);
        await AskAsync(edge, EdgeHost.Chat("sim-never"), null, Other);
    }

    [Fact]
    public async Task Shadow_mode_tells_what_would_be_and_asks_the_provider()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { shadow: true } }");
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        Assert.Equal(2, simulator.Received.Count);
        Assert.All(await edge.RecordsAsync(2), static r => Assert.Equal(CacheUse.None, r.Cache));
    }

    [Fact]
    public async Task A_hit_costs_no_budget_and_the_tokens_of_limits_only_where_policy_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }\nbudgets: { b: { limitUsd: 0.01, window: month } }\nlimits: { five: { amount: 5, windowSeconds: 86400, scope: { key: main } } }", ", budgets: [b]");
        for (var i = 0; i < 5; i++)
        {
            await AskAsync(edge, EdgeHost.Chat("sim", "\"max_tokens\":20"), i == 0 ? "miss" : "hit-exact");
        }

        using var limited = await edge.ChatAsync("sim", "\"max_tokens\":20");
        await EdgeHost.ErrorAsync(limited, 429, "request_limit_exceeded");
        var records = (await edge.RecordsAsync(6)).Where(static r => r.Status == 200).ToList();
        Assert.Equal(4, records.Count(static r => r is { Cache: CacheUse.Exact, CostNanoUsd: 0 }));
        Assert.All(records.Where(static r => r.Cache == CacheUse.Exact), r => Assert.Equal(records.Single(static p => p.Cache == CacheUse.None).CostNanoUsd, r.SavedNanoUsd));
        Assert.All(records.Where(static r => r.Cache == CacheUse.Exact), static r => Assert.Equal("sim", r.ProviderId));
    }

    [Fact]
    public async Task Hits_take_nothing_of_limits_where_policy_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { limits: none } }\nlimits: { two: { amount: 2, windowSeconds: 86400, scope: { key: main } } }");
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        for (var i = 0; i < 4; i++)
        {
            await AskAsync(edge, EdgeHost.Chat("sim"), "hit-exact");
        }
    }

    [Fact]
    public async Task An_answer_that_is_out_of_date_is_given_while_a_new_one_is_fetched()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var time = new ManualTime(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: exact, cachePolicy: { ttlSeconds: 10, staleWhileRevalidateSeconds: 100 } }"), services: s => s.Replace(ServiceDescriptor.Singleton<TimeProvider>(time)));
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        time.Now += TimeSpan.FromSeconds(20);
        using (var stale = await SendAsync(edge, EdgeHost.Chat("sim"), EdgeHost.Key))
        {
            Assert.Equal(("hit-exact", "20"), (Header(stale, "x-gateway-cache"), Header(stale, "x-gateway-cache-age")));
        }

        await Eventually.TrueAsync(() => simulator.Received.Count == 2 && edge.Services.GetRequiredService<Gateway.Edge.Caching.Revalidation>().Running == 0, "nothing was fetched");
        using (var fresh = await SendAsync(edge, EdgeHost.Chat("sim"), EdgeHost.Key))
        {
            Assert.Equal(("hit-exact", "0"), (Header(fresh, "x-gateway-cache"), Header(fresh, "x-gateway-cache-age")));
        }

        time.Now += TimeSpan.FromSeconds(120);
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        var records = await edge.RecordsAsync(5);
        Assert.Equal(3, records.Count(static r => r is { Cache: CacheUse.None, CostNanoUsd: > 0 }));
    }

    [Theory]
    [InlineData("/v1/embeddings", """{"model":"sim","input":["a","b"]}""", """{"input":["a","b"],"model":"sim","user":"x"}""")]
    [InlineData("/v1/moderations", """{"model":"sim","input":"a"}""", """{"input":"a","model":"sim"}""")]
    [InlineData("/v1/completions", """{"model":"sim","prompt":"a"}""", """{"prompt":"a","model":"sim"}""")]
    [InlineData("/v1/rerank", """{"model":"sim","query":"a","documents":["b","c"]}""", """{"documents":["b","c"],"query":"a","model":"sim"}""")]
    public async Task Other_operations_are_cached_too(string path, string first, string second)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        using var answer = await edge.PostAsync(path, first);
        var body = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, body);
        Assert.Equal("miss", Header(answer, "x-gateway-cache"));
        await Eventually.TrueAsync(() => Cache(edge).Flights == 0, "the call does not end");
        using var again = await edge.PostAsync(path, second);
        Assert.Equal("hit-exact", Header(again, "x-gateway-cache"));
        var repeated = JsonNode.Parse(await again.Content.ReadAsStringAsync(Cancel))!.AsObject();
        var original = JsonNode.Parse(body)!.AsObject();
        original.Remove("usage");
        repeated.Remove("usage");
        Assert.True(JsonNode.DeepEquals(original, repeated));
    }

    [Fact]
    public async Task The_official_client_reads_hits_plain_and_streamed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { replayTokensPerSecond: 1000 } }");
        var client = new OpenAIClient(new System.ClientModel.ApiKeyCredential(EdgeHost.Key), new OpenAIClientOptions { Endpoint = new Uri(edge.Address, "/v1") }).GetChatClient("sim?text=one%20two%20three%20four");
        ChatCompletion first = await client.CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: Cancel);
        await Eventually.TrueAsync(() => Cache(edge).Flights == 0, "the call does not end");
        ChatCompletion again = await client.CompleteChatAsync([new UserChatMessage("hi")], cancellationToken: Cancel);
        Assert.Equal((first.Id, first.Content[0].Text), (again.Id, again.Content[0].Text));
        Assert.Equal(first.Usage.InputTokenCount, again.Usage.InputTokenDetails.CachedTokenCount);
        var text = new StringBuilder();
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("hi")], cancellationToken: Cancel))
        {
            foreach (var part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }
        }

        Assert.Equal(first.Content[0].Text, text.ToString());
        Assert.Single(simulator.Received);
    }

    [Fact]
    public async Task Rules_that_decide_who_answers_part_requests()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = $$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 } }
            deployments:
              small: { provider: sim, model: "sim?text=small", price: { version: t, inputPerMillion: 1, outputPerMillion: 2 } }
              large: { provider: sim, model: "sim?text=large", price: { version: t, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              m: { targets: [small, large], rules: [ { when: 'metadata["plan"] == "pro"', targets: [large] }, { when: "true", targets: [small] } ] }
            keys: { main: { value: {{EdgeHost.Key}} } }
            settings: { cache: exact }
            """;
        await using var edge = await EdgeHost.StartAsync(yaml);
        await AskAsync(edge, EdgeHost.Chat("m"), "miss");
        await AskAsync(edge, EdgeHost.Chat("m"), "hit-exact");
        await AskAsync(edge, EdgeHost.Chat("m", "\"metadata\":{\"plan\":\"pro\"}"), "miss");
        await AskAsync(edge, EdgeHost.Chat("m", "\"metadata\":{\"plan\":\"pro\"}"), "hit-exact");
        Assert.Equal(2, simulator.Received.Count);
    }

    internal static async Task AskAsync(EdgeHost edge, string body, string? result, params (string Name, string Value)[] headers) => await AskAsync(edge, body, result, EdgeHost.Key, headers);

    internal static async Task AskAsync(EdgeHost edge, string body, string? result, string key, params (string Name, string Value)[] headers)
    {
        var before = Finished(edge);
        using var answer = await SendAsync(edge, body, key, headers);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Equal(result, Header(answer, "x-gateway-cache"));
        await Eventually.TrueAsync(() => result is null || Finished(edge) > before, "the call does not end");
    }

    /// <summary>Requests that have come to their end, what they left in the cache included.</summary>
    internal static long Finished(EdgeHost edge) => Enum.GetValues<CacheResult>().Sum(edge.Services.GetRequiredService<CacheMetrics>().CountOf);

    internal static Task<HttpResponseMessage> SendAsync(EdgeHost edge, string body, string key, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Address, "/v1/chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", key);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private static string Tenants(SimulatorHost simulator, string more, string mate = "", string other = "") => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
          other: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890, models: [] }
        deployments:
          sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "sim*": { targets: [ { deployment: sim } ] }
        customers: { acme: { name: Acme } }
        teams: { red: { name: Red, customer: acme }, blue: { name: Blue, customer: acme } }
        keys:
          main: { value: {{EdgeHost.Key}}, team: red }
          mate: { value: {{Mate}}, team: red {{mate}} }
          other: { value: {{Other}}, team: blue {{other}} }
        {{more}}
        """;
}
