using System.Globalization;
using System.Net;
using Gateway.Edge.Admission.Limits;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>Rate limits as callers meet them, of one edge and of two that share through RedisServer.</summary>
public sealed class LimitSocketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_says_how_the_limits_stand_and_a_refusal_which_one_it_was()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "limits: { few: { name: Few a day, amount: 2, windowSeconds: 86400, scope: { key: main } } }", ", limits: { tokensPerMinute: 9000 }");
        using var first = await edge.ChatAsync("sim?rateHeaders=1&tokens=5", "\"max_tokens\":10");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("2", Header(first, "x-ratelimit-limit-requests"));
        Assert.Equal("1", Header(first, "x-ratelimit-remaining-requests"));
        Assert.Equal("12h0m0s", Header(first, "x-ratelimit-reset-requests"));
        Assert.Equal("9000", Header(first, "x-ratelimit-limit-tokens"));
        using var second = await edge.ChatAsync("sim");
        using var refused = await edge.ChatAsync("sim");
        var error = await EdgeHost.ErrorAsync(refused, 429, "request_limit_exceeded");
        Assert.Contains("'Few a day'", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("few", Header(refused, "x-gateway-limit"));
        Assert.Equal("0", Header(refused, "x-ratelimit-remaining-requests"));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalHours, 11.9, 12.01);
        using var anthropic = await edge.PostAsync("/v1/messages", """{"model":"sim","max_tokens":5,"messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal("2", Header(anthropic, "anthropic-ratelimit-requests-limit"));
        Assert.Equal("0", Header(anthropic, "anthropic-ratelimit-requests-remaining"));
        Assert.True(DateTimeOffset.TryParse(Header(anthropic, "anthropic-ratelimit-requests-reset"), CultureInfo.InvariantCulture, out _));
    }

    [Fact]
    public async Task What_is_left_of_a_limit_that_is_shared_is_not_told()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "teams: { t: { name: T, limits: { requestsPerMinute: 1 } } }", ", team: t");
        using var served = await edge.ChatAsync("sim");
        Assert.Equal("1", Header(served, "x-ratelimit-limit-requests"));
        Assert.False(served.Headers.Contains("x-ratelimit-remaining-requests"));
        using var refused = await edge.ChatAsync("sim");
        await EdgeHost.ErrorAsync(refused, 429, "request_limit_exceeded");
        Assert.False(refused.Headers.Contains("x-ratelimit-remaining-requests"));
    }

    [Fact]
    public async Task Two_hundred_racing_requests_get_exactly_as_many_places_as_there_are()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "limits: { l: { amount: 37, windowSeconds: 86400, scope: { model: \"sim*\" }, each: true } }");
        Assert.Equal(37, await ServedAsync(200, edge));
    }

    [Fact]
    public async Task A_request_waits_where_it_may_and_is_served_when_a_place_is_free()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "limits: { one: { metric: concurrentRequests, amount: 1, maxWaitMs: 60000, maxQueue: 50 } }");
        Assert.Equal(40, await ServedAsync(40, edge));
    }

    [Fact]
    public async Task A_provider_without_room_is_passed_over_and_a_request_refused_when_none_is_left()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              a: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
              b: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567891 }
            deployments:
              a: { provider: a, model: sim }
              b: { provider: b, model: sim }
            routes:
              m: { targets: [ { deployment: a }, { deployment: b } ], strategy: priority }
            limits:
              each: { name: Each provider, amount: 2, windowSeconds: 86400, scope: { provider: "*" }, each: true }
            settings: { unpriced: allow }
            keys:
              main: { value: {{EdgeHost.Key}} }
            """);
        var providers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            using var served = await edge.ChatAsync("m");
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
            providers.Add(Header(served, "x-gateway-provider"));
        }

        Assert.Equal(2, providers.Count(static p => p == "a"));
        Assert.Equal(2, providers.Count(static p => p == "b"));
        using var refused = await edge.ChatAsync("m");
        await EdgeHost.ErrorAsync(refused, 429, "request_limit_exceeded");
    }

    [Fact]
    public async Task Two_edges_with_redis_share_one_limit_and_count_for_themselves_while_it_is_down()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        var redis = RedisServer.Start(port);
        try
        {
            await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
            const string More = """
                limits:
                  l: { amount: 60, windowSeconds: 86400, scope: { endUser: all } }
                  later: { amount: 10, windowSeconds: 86400, scope: { endUser: "u*" }, each: true }
                """;
            var settings = new Dictionary<string, string?> { ["ConnectionStrings:redis"] = $"127.0.0.1:{port},connectTimeout=500,syncTimeout=500" };
            await using var one = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, More), settings: settings);
            await using var two = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, More), settings: settings);
            await Eventually.TrueAsync(() => Task.FromResult(Sharing(one).Edges == 2 && Sharing(two).Edges == 2), "the edges know each other");
            Assert.Equal(60, await ServedAsync(200, "\"user\":\"all\"", one, two));

            redis.Dispose();
            await Eventually.TrueAsync(() => Task.FromResult(!IsShared(one) && !IsShared(two)), "the edges count for themselves");
            Assert.Equal(5, await ServedAsync(20, "\"user\":\"u1\"", one));
            Assert.Equal(5, await ServedAsync(20, "\"user\":\"u1\"", two));

            redis = RedisServer.Start(port);
            await Eventually.TrueAsync(() => Task.FromResult(IsShared(one) && IsShared(two)), "the edges share again");
            Assert.Equal(0, await ServedAsync(20, "\"user\":\"u1\"", one, two));
        }
        finally
        {
            redis.Dispose();
        }
    }

    [Fact]
    public async Task Two_edges_that_have_just_started_let_no_more_through_than_one_limit()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "limits: { l: { amount: 60, windowSeconds: 86400, scope: { model: \"sim*\" } } }");
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:redis"] = $"127.0.0.1:{port},connectTimeout=500,syncTimeout=500" };
        var served = await Task.WhenAll(RunAsync(), RunAsync());
        Assert.InRange(served.Sum(), 1, 60);

        async Task<int> RunAsync()
        {
            await using var edge = await EdgeHost.StartAsync(yaml, settings: settings);
            return await ServedAsync(80, edge);
        }
    }

    [Fact]
    public async Task An_edge_that_never_heard_of_others_leaves_them_room()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "limits: { l: { amount: 40, windowSeconds: 86400, scope: { model: \"sim*\" } } }");
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:redis"] = $"127.0.0.1:{Ports.Free()},connectTimeout=500,syncTimeout=500" };
        await using var edge = await EdgeHost.StartAsync(yaml, settings: settings);
        var before = await ServedAsync(30, edge);
        await Eventually.TrueAsync(() => Task.FromResult(!IsShared(edge)), "the edge counts for itself");
        Assert.Equal(10, before + await ServedAsync(30, edge));
    }

    [Theory]
    [InlineData("users: { u: { name: U, limits: { requestsPerMinute: 1 } } }", ", user: u", "user", true)]
    [InlineData("teams: { t: { name: T, limits: { requestsPerMinute: 1 } } }", ", team: t", "team", false)]
    [InlineData("customers: { c: { name: C, limits: { requestsPerMinute: 1 } } }", ", customer: c", "customer", false)]
    [InlineData("", ", limits: { requestsPerMinute: 1 }", "key", true)]
    public async Task Every_account_has_limits_and_only_its_own_caller_is_told_what_is_left(string accounts, string key, string over, bool isTold)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, accounts, key);
        using var served = await edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal(isTold, served.Headers.Contains("x-ratelimit-remaining-requests"));
        using var refused = await edge.ChatAsync("sim");
        var error = await EdgeHost.ErrorAsync(refused, 429, "request_limit_exceeded");
        Assert.Contains($"of this {over}", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal($"{over}:requests", Header(refused, "x-gateway-limit"));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(isTold, refused.Headers.Contains("x-ratelimit-remaining-requests"));
    }

    private static LimitSharing Sharing(EdgeHost edge) => edge.Services.GetRequiredService<LimitSharing>();

    private static bool IsShared(EdgeHost edge) => Sharing(edge).At(Sharing(edge).Now).Mode == SharingMode.Shared;

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    private static Task<int> ServedAsync(int requests, params EdgeHost[] edges) => ServedAsync(requests, "\"max_tokens\":5", edges);

    private static async Task<int> ServedAsync(int requests, string more, params EdgeHost[] edges)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, requests).Select(async i =>
        {
            using var response = await edges[i % edges.Length].ChatAsync("sim?tokens=2", more);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{response.StatusCode}");
            return response.StatusCode;
        }));
        return statuses.Count(static s => s == HttpStatusCode.OK);
    }
}
