using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using static Gateway.Edge.Tests.Caching.CacheAsking;

namespace Gateway.Edge.Tests.Caching;

/// <summary>How the settings of requests, keys and routes narrow the exact cache.</summary>
public sealed class CacheRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
}
