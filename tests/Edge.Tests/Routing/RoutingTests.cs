using System.Net;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Routing;

public sealed class RoutingTests
{
    [Fact]
    public async Task Rules_headers_and_attributes_choose_the_target_and_the_decision_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, """
              r:
                targets: [a, b]
                rules:
                  - { when: 'header["x-tier"] == "gold"', set: { tier: gold } }
                  - { name: gold, when: 'attribute["tier"] == "gold" && metadata["project"] == "alpha"', targets: [b] }
            """);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Json("r", "\"metadata\":{\"project\":\"alpha\"}") };
        request.Headers.Add("x-tier", "gold");
        request.Headers.Add("x-gateway-explain", "true");
        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var decision = JsonNode.Parse(response.Headers.GetValues("x-gateway-decision").Single())!;
        Assert.Equal("b", decision["deployment"]!.GetValue<string>());
        Assert.Equal("gold", decision["routes"]![0]!["rule"]!.GetValue<string>());
        Assert.Equal("gold", decision["attributes"]!["tier"]!.GetValue<string>());
        Assert.Equal("rule 'gold' chose others", decision["routes"]![0]!["skipped"]![0]!["reason"]!.GetValue<string>());
        using var plain = await edge.ChatAsync("r");
        Assert.False(plain.Headers.Contains("x-gateway-decision"));
        Assert.Equal(["b", "a"], (await edge.RecordsAsync(2)).Select(static r => r.DeploymentId));
    }

    [Fact]
    public async Task A_key_has_routes_of_its_own_and_aliases_and_inner_wildcards_lead_to_routes()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, """
              r: { aliases: [other-name, "team-*-model"], targets: [a] }
              special: { targets: [b] }
            """, keyMore: ", routes: { \"own-*\": special }", moreRoutes: "\n  \"own-*\": { targets: [a] }\n");
        foreach (var model in new[] { "other-name", "team-x-model", "own-1" })
        {
            using var response = await edge.ChatAsync(model);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(["a", "a", "b"], (await edge.RecordsAsync(3)).Select(static r => r.DeploymentId));
    }

    [Theory]
    [InlineData("{\"model\":\"r\",\"fallbacks\":[\"nowhere\",\"good\"],\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")]
    [InlineData("{\"model\":\"r\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}] , \"fallbacks\" : [\"good\"] }")]
    [InlineData("{\"fallbacks\":[\"good\"],\"model\":\"r\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")]
    public async Task Fallbacks_of_the_body_are_tried_and_no_provider_sees_them(string body)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [bad] }\n  good: { targets: [a] }\n");
        using var response = await edge.PostAsync("/v1/chat/completions", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("a", Assert.Single(await edge.RecordsAsync(1)).DeploymentId);
        Assert.All(simulator.Received, static r => Assert.DoesNotContain("fallbacks", r.BodyText, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fallbacks_need_the_keys_permission_and_the_header_works_too()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [bad] }\n  good: { targets: [a] }\n  secret: { targets: [b] }\n", keyMore: ", allowedModels: [r, good]");
        using var refused = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Json("r") };
        refused.Headers.Add("x-gateway-fallbacks", "secret");
        using var denied = await edge.Client.SendAsync(refused, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, denied.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Json("r") };
        request.Headers.Add("x-gateway-fallbacks", "secret, good");
        using var served = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal("a", (await edge.RecordsAsync(2))[1].DeploymentId);
        using var wrong = await edge.PostAsync("/v1/chat/completions", """{"model":"r","fallbacks":"good","messages":[]}""");
        await EdgeHost.ErrorAsync(wrong, 400, "invalid_value");
    }

    [Theory]
    [InlineData("context_length_exceeded", "long")]
    [InlineData("content_policy_violation", "free")]
    [InlineData("invalid_value", null)]
    public async Task A_refusal_falls_back_by_its_kind(string code, string? fallback)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  r: { targets: [refuses], fallbacks: [other], contextWindowFallbacks: [long], contentPolicyFallbacks: [free] }\n  long: { targets: [a] }\n  free: { targets: [b] }\n  other: { targets: [c] }\n",
            $"  refuses: {{ provider: sim, model: \"sim?status=400&error={code}\" }}\n");
        using var response = await edge.ChatAsync("r");
        Assert.Equal(fallback is null ? HttpStatusCode.BadRequest : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(fallback switch { "long" => "a", "free" => "b", _ => "refuses" }, Assert.Single(await edge.RecordsAsync(1)).DeploymentId);
    }

    [Fact]
    public async Task A_budget_that_does_not_cover_a_fallback_keeps_it_from_being_called()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  r: { targets: [bad], fallbacks: [dear] }\n  dear: { targets: [dear] }\n",
            "  dear: { provider: sim, model: sim, price: { inputPerMillion: 900000, outputPerMillion: 900000 } }\n",
            ", budgets: [small]",
            "budgets: { small: { limitUsd: 1 } }");
        using var response = await edge.ChatAsync("r", "\"max_tokens\":100");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("bad", Assert.Single(await edge.RecordsAsync(1)).DeploymentId);
        Assert.Single(simulator.Received);
    }

    [Fact]
    public async Task The_same_deployment_is_retried_as_often_as_the_route_says()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [bad, a], maxAttempts: 5, retry: { count: 2, baseMs: 1 } }\n");
        using var response = await edge.ChatAsync("r");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("4", response.Headers.GetValues("x-gateway-attempts").Single());
        Assert.Equal(("a", 4), (await edge.RecordsAsync(1)) is [var record] ? (record.DeploymentId, record.Attempts) : default);
    }

    [Fact]
    public async Task What_a_provider_has_begun_to_work_on_is_not_bought_from_it_twice()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [cut], retry: { count: 3, baseMs: 1 } }\n", "  cut: { provider: sim, model: \"sim?cut=20\" }\n");
        using var response = await edge.ChatAsync("r");
        await EdgeHost.ErrorAsync(response, 502, "upstream_cut");
        Assert.Equal(1, Assert.Single(await edge.RecordsAsync(1)).Attempts);
    }

    [Fact]
    public async Task A_call_that_broke_off_is_billed_besides_the_one_that_answered()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  r: { targets: [cut, a] }\n",
            "  cut: { provider: sim, model: \"sim?cut=20\", price: { inputPerMillion: 1000, outputPerMillion: 1 } }\n",
            ", budgets: [k]",
            "budgets: { k: { limitUsd: 1 } }");
        using var response = await edge.ChatAsync("r", "\"max_tokens\":5");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("a", 2, RequestOutcome.Completed, true), (record.DeploymentId, record.Attempts, record.Outcome, record.Estimated));
        // The prompt at the first one's price of 0.001 USD a token; the second one costs nothing to speak of.
        Assert.InRange(record.CostNanoUsd, 10_000_000, 60_000_000);
    }

    [Fact]
    public async Task Where_a_budget_has_no_room_for_a_second_bill_a_call_that_broke_off_is_not_followed_by_another()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  r: { targets: [cut, same] }\n",
            """
              cut: { provider: sim, model: "sim?cut=20", price: { inputPerMillion: 0, outputPerMillion: 1000 } }
              same: { provider: sim, model: sim, price: { inputPerMillion: 0, outputPerMillion: 1000 } }

            """,
            ", budgets: [k]",
            "budgets: { k: { limitUsd: 0.015 } }");
        using var response = await edge.ChatAsync("r", "\"max_tokens\":10");
        await EdgeHost.ErrorAsync(response, 502, "upstream_cut");
        Assert.Equal(1, Assert.Single(await edge.RecordsAsync(1)).Attempts);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_hedge_answers_for_a_slow_target_and_both_are_billed(string stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  r: { targets: [slow, a], hedge: { delayMs: 20 } }\n",
            "  slow: { provider: sim, model: \"sim?stall=headers\", price: { inputPerMillion: 1000, outputPerMillion: 0 } }\n");
        using var response = await edge.ChatAsync("r", $"\"stream\":{stream}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("a", 2, RequestOutcome.Completed, true), (record.DeploymentId, record.Attempts, record.Outcome, record.Estimated));
        // The loser's prompt at its price of 0.001 USD a token; the winner costs nothing to speak of.
        Assert.InRange(record.CostNanoUsd, 10_000_000, 60_000_000);
        var state = edge.Services.GetRequiredService<RuntimeState>().Routing;
        await Eventually.TrueAsync(() => state.Deployment("slow").InFlight == 0 && state.Deployment("a").InFlight == 0, "calls are still counted as under way");
    }

    [Fact]
    public async Task A_fast_target_is_not_hedged_and_a_failed_one_is_at_once_followed_by_the_next()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [a, b], hedge: { delayMs: 60000 } }\n  f: { targets: [bad, b], hedge: { delayMs: 60000 } }\n");
        using var fast = await edge.ChatAsync("r");
        using var failed = await edge.ChatAsync("f");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (fast.StatusCode, failed.StatusCode));
        Assert.Equal([("a", 1), ("b", 2)], (await edge.RecordsAsync(2)).Select(static r => (r.DeploymentId, r.Attempts)));
    }

    [Fact]
    public async Task A_shadow_gets_a_copy_is_recorded_apart_and_does_not_touch_the_caller()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  r: { targets: [a, { deployment: b, shadowPercent: 100 }, { deployment: broken, shadowPercent: 100 }] }\n",
            "  broken: { provider: sim, model: \"sim?drop=1\" }\n",
            ", budgets: [k]",
            "budgets: { k: { limitUsd: 1 } }");
        foreach (var stream in new[] { "false", "true" })
        {
            using var response = await edge.ChatAsync("r", $"\"stream\":{stream},\"max_tokens\":5");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        var shadows = edge.Services.GetRequiredService<ShadowCalls>();
        await Eventually.TrueAsync(() => shadows.Running == 0, "shadows are still under way");
        var records = await edge.RecordsAsync(6);
        Assert.Equal(2, records.Count(static r => r.KeyId == "main" && r.DeploymentId == "a"));
        Assert.Equal(2, records.Count(static r => r.KeyId == ShadowCalls.RecordedKey && r.DeploymentId == "broken"));
        Assert.All(records.Where(static r => r.DeploymentId == "b"), static r => Assert.Equal((ShadowCalls.RecordedKey, "b", RequestOutcome.Completed, false), (r.KeyId, r.DeploymentId, r.Outcome, r.Estimated)));
    }

    [Fact]
    public async Task A_refused_credential_is_retired_for_all_its_deployments_until_it_is_changed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        const string deployments = "  u: { provider: sim, model: \"sim?status=401\" }\n  v: { provider: sim, model: sim }\n";
        await using var edge = await StartAsync(simulator, "  r: { targets: [u] }\n  s: { targets: [v] }\n", deployments);
        using var first = await edge.ChatAsync("r");
        Assert.Equal(HttpStatusCode.Unauthorized, first.StatusCode);
        var calls = simulator.Received.Count;
        using var second = await edge.ChatAsync("s");
        var error = await EdgeHost.ErrorAsync(second, 503, "upstream_unavailable");
        Assert.Contains("retired until it is changed: the provider answered 401", error["attempts"]![0]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(calls, simulator.Received.Count);
        await File.WriteAllTextAsync(edge.ConfigFile, Yaml(simulator, "  r: { targets: [u] }\n  s: { targets: [v] }\n", deployments).Replace("sk-provider", "sk-changed", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var holder = edge.Services.GetRequiredService<RuntimeHolder>();
        var before = holder.Current;
        await Eventually.TrueAsync(() => !ReferenceEquals(holder.Current, before), "the file was not read again");
        using var third = await edge.ChatAsync("s");
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task The_limit_of_one_model_of_a_pattern_says_nothing_of_the_others()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        const string Limited = "sim?status=429&retryAfter=40";
        using var first = await edge.ChatAsync(Limited);
        Assert.Equal(HttpStatusCode.TooManyRequests, first.StatusCode);
        using var second = await edge.ChatAsync(Limited);
        await EdgeHost.ErrorAsync(second, 429, "upstream_rate_limited");
        using var other = await edge.ChatAsync("sim?tokens=3");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_rate_limit_cools_the_credential_and_the_caller_is_told_when_to_come_back()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [limited] }\n", "  limited: { provider: sim, model: \"sim?status=429&retryAfter=40\" }\n");
        using var first = await edge.ChatAsync("r");
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(40)), (first.StatusCode, first.Headers.RetryAfter!.Delta!.Value));
        using var second = await edge.ChatAsync("r");
        await EdgeHost.ErrorAsync(second, 429, "upstream_rate_limited");
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 20, 40);
        Assert.Single(simulator.Received);
    }

    [Fact]
    public async Task A_stuck_provider_holds_no_more_than_its_share()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(
            simulator,
            "  stuck: { targets: [stuck] }\n  r: { targets: [stuck, elsewhere] }\n",
            "  stuck: { provider: sim, model: \"sim?stall=headers\" }\n  elsewhere: { provider: other, model: sim }\n",
            more: "settings: { health: { providerConcurrency: 1, providerWaitMs: 1 } }",
            providers: $"  other: {{ baseUrl: \"{simulator.BaseUrl}\" }}\n");
        using var abort = new CancellationTokenSource();
        var waiting = edge.Client.PostAsync("/v1/chat/completions", Json("stuck"), abort.Token);
        await Eventually.TrueAsync(() => simulator.Received.Count == 1, "the first call did not arrive");
        using var response = await edge.ChatAsync("r");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var full = await edge.ChatAsync("stuck");
        var error = await EdgeHost.ErrorAsync(full, 503, "upstream_unavailable");
        Assert.Contains("all 1 calls under way", error["attempts"]![0]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        await abort.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_first_token_that_takes_too_long_fails_over()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [slow, a], timeouts: { firstTokenMs: 1500 } }\n", "  slow: { provider: sim, model: \"sim?stall=firstByte\" }\n");
        using var response = await edge.ChatAsync("r", "\"stream\":true");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.EndsWith("data: [DONE]\n\n", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(await edge.RecordsAsync(1)).DeploymentId);
    }

    [Fact]
    public async Task An_error_of_a_caller_who_asks_has_the_decision()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [bad, dropped] }\n", "  dropped: { provider: sim, model: \"sim?drop=1\" }\n");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Json("r") };
        request.Headers.Add("x-gateway-explain", "true");
        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var error = await EdgeHost.ErrorAsync(response, 502, "upstream_cut");
        Assert.Equal(["bad", "dropped"], error["decision"]!["routes"]![0]!["candidates"]!.AsArray().Select(static c => c!.GetValue<string>()));
        Assert.True(response.Headers.Contains("x-gateway-decision"));
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Health_outlives_a_change_of_the_configuration()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "  r: { targets: [bad, a] }\n");
        for (var i = 0; i < 3; i++)
        {
            using var response = await edge.ChatAsync("r");
        }

        await File.WriteAllTextAsync(edge.ConfigFile, Yaml(simulator, "  r: { targets: [bad, a] }\n  new: { targets: [a] }\n"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => edge.Services.GetRequiredService<RuntimeHolder>().Current!.FindRoute("new") is not null, "the file was not read again");
        using var after = await edge.ChatAsync("r");
        Assert.False(after.Headers.Contains("x-gateway-attempts"));
        Assert.Equal([2, 2, 2, 1], (await edge.RecordsAsync(4)).Select(static r => r.Attempts));
    }

    private static StringContent Json(string model, string more = "") => new(EdgeHost.Chat(model, more), System.Text.Encoding.UTF8, "application/json");

    private static Task<EdgeHost> StartAsync(SimulatorHost simulator, string routes, string deployments = "", string keyMore = "", string more = "", string providers = "", string moreRoutes = "") =>
        EdgeHost.StartAsync(Yaml(simulator, routes + moreRoutes, deployments, keyMore, more, providers));

    private static string Yaml(SimulatorHost simulator, string routes, string deployments = "", string keyMore = "", string more = "", string providers = "") => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
        {{providers}}
        deployments:
          a: { provider: sim, model: sim, price: { inputPerMillion: 0.1, outputPerMillion: 0.1 } }
          b: { provider: sim, model: sim, price: { inputPerMillion: 0.1, outputPerMillion: 0.1 } }
          c: { provider: sim, model: sim }
          bad: { provider: sim, model: "sim?status=503", price: { inputPerMillion: 0.1, outputPerMillion: 0.1 } }
        {{deployments}}
        routes:
        {{routes.Replace("\n              ", "\n  ", StringComparison.Ordinal).Replace("              r:", "  r:", StringComparison.Ordinal)}}
        keys:
          main: { value: {{EdgeHost.Key}} {{keyMore}} }
        {{more}}
        """;
}
