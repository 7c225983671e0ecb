using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenAI;
using OpenAI.Chat;
using static Gateway.Edge.Tests.Caching.CacheAsking;

namespace Gateway.Edge.Tests.Caching;

/// <summary>The exact cache as callers meet it.</summary>
public sealed class CacheTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
}
