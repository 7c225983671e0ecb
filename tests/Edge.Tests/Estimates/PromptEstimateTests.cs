using System.Net;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Estimates;
using Gateway.LlmSimulator;
using Gateway.Tokenizers;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Estimates;

/// <summary>How closely prompts are bounded, as callers meet it: what is refused and what is not.</summary>
public sealed class PromptEstimateTests
{
    // 2,250 bytes of body, some 470 tokens.
    private static readonly string _long = string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 48));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bytes", "gpt-4o", 402)]
    [InlineData("counted", "gpt-4o", 200)]
    [InlineData("estimated", "gpt-4o", 200)]
    [InlineData("counted", "other", 402)]
    [InlineData("estimated", "other", 402)]
    public async Task A_budget_without_room_for_the_bytes_is_asked_again_for_what_is_counted(string policy, string model, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, policy, "budgets: [b]", "budgets: { b: { limitUsd: 0.001, window: total } }");
        using var response = await AskAsync(edge, model);
        Assert.Equal(status, (int)response.StatusCode);
        await response.Content.ReadAsByteArrayAsync(Cancel);
        var record = Assert.Single(await edge.RecordsAsync(1));
        var account = Assert.Single(edge.Services.GetRequiredService<BudgetBook>());
        Assert.Equal((0, record.CostNanoUsd), (account.Figures.Held, account.Figures.Settled));
        Assert.Equal(status == 200, record.CostNanoUsd > 0);
    }

    [Theory]
    [InlineData("bytes", "gpt-4o", 429)]
    [InlineData("counted", "gpt-4o", 200)]
    [InlineData("counted", "other", 429)]
    public async Task So_is_a_limit_of_tokens(string policy, string model, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, policy, "limits: { tokensPerMinute: 1000 }", "");
        using var response = await AskAsync(edge, model);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 200)
        {
            await response.Content.ReadAsByteArrayAsync(Cancel);
            var record = Assert.Single(await edge.RecordsAsync(1));
            using var after = await edge.PostAsync("/v1/chat/completions", EdgeHost.Chat(model, "\"max_tokens\":5"));
            var left = int.Parse(after.Headers.GetValues("x-ratelimit-remaining-tokens").Single(), System.Globalization.CultureInfo.InvariantCulture);

            // What was used, and what the second one holds; a minute's worth flows in meanwhile.
            Assert.InRange(left, 1000 - (record.Tokens.Input + record.Tokens.Output) - 400, 1000);
        }
    }

    [Fact]
    public async Task A_prompt_that_fits_when_it_is_counted_does_not_wait_for_room_for_its_bytes()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "counted", "", "limits: { t: { metric: totalTokens, amount: 3000, windowSeconds: 86400, maxWaitMs: 60000 } }");
        for (var i = 0; i < 4; i++)
        {
            // Fewer bytes than that are left from the second one on.
            using var response = await AskAsync(edge, "gpt-4o");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsByteArrayAsync(Cancel);
            await edge.RecordsAsync(i + 1);
        }
    }

    [Fact]
    public async Task What_limits_have_taken_comes_back_where_a_budget_refuses()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(
            simulator, "counted", "budgets: [b]", "budgets: { b: { limitUsd: 0.0003, window: total } }\nlimits: { t: { metric: totalTokens, amount: 2600, windowSeconds: 86400, scope: { key: main } } }");
        for (var i = 0; i < 3; i++)
        {
            using var refused = await AskAsync(edge, "gpt-4o");
            await EdgeHost.ErrorAsync(refused, 402, "budget_exceeded");
        }

        using var served = await edge.PostAsync("/v1/chat/completions", EdgeHost.Chat("gpt-4o", "\"max_tokens\":5"));
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.InRange(int.Parse(served.Headers.GetValues("x-ratelimit-remaining-tokens").Single(), System.Globalization.CultureInfo.InvariantCulture), 2_300, 2_600);
    }

    [Fact]
    public async Task What_was_learnt_of_a_model_bounds_its_prompts()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "estimated", "budgets: [b]", "budgets: { b: { limitUsd: 0.001, window: total } }");
        using (var before = await AskAsync(edge, "other"))
        {
            await EdgeHost.ErrorAsync(before, 402, "budget_exceeded");
        }

        // 99 of 100 of its prompts had as many tokens as estimated.
        var traffic = edge.Services.GetRequiredService<LearntTraffic>().Learning("other", "other")!;
        for (var i = 0; i < ModelTraffic.WarmUp; i++)
        {
            traffic.AddPrompt(1_000, 1_000);
        }

        using var response = await AskAsync(edge, "other");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        // Tools of the provider's own may bring in anything.
        using var tools = await AskAsync(edge, "other", ",\"tools\":[{\"type\":\"web_search\"}]");
        await EdgeHost.ErrorAsync(tools, 402, "budget_exceeded");
    }

    [Fact]
    public async Task Another_route_is_covered_by_its_own_bound()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        simulator.Script("status=503");
        await using var edge = await StartAsync(simulator, "counted", "budgets: [b]", "budgets: { b: { limitUsd: 0.002, window: total } }");

        // Counted, the first has room; the other model's prompt is only known by its bytes.
        using var response = await AskAsync(edge, "first", model: "gpt-4o");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain(simulator.Received, static r => r.BodyText.Contains("\"other\"", StringComparison.Ordinal));

        simulator.Script("status=503");
        using var both = await AskAsync(edge, "both", model: "gpt-4o");
        Assert.Equal(HttpStatusCode.OK, both.StatusCode);
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData(",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]", 429)]
    public async Task What_Claude_is_told_of_tools_is_part_of_its_prompts(string more, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "bytes", "limits: { tokensPerMinute: 500 }", "");
        using var response = await edge.PostAsync("/v1/messages", $$"""{"model":"claude","max_tokens":50,"messages":[{"role":"user","content":"hello"}]{{more}}}""");
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 429)
        {
            Assert.Contains("can never hold", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    private static Task<HttpResponseMessage> AskAsync(EdgeHost edge, string route, string more = "", string model = "") =>
        edge.PostAsync("/v1/chat/completions", $$"""{"model":"{{route}}","max_tokens":50,"user":"{{model}}","messages":[{"role":"user","content":"{{_long}}"}]{{more}}}""");

    private static async Task<EdgeHost> StartAsync(SimulatorHost simulator, string policy, string key, string more)
    {
        // The edge loads it in the background when it first wants it, and goes by the bytes until then.
        BpeTokenizer.Load(BpeEncoding.O200kBase);
        await Eventually.TrueAsync(() => BpeTokenizer.TryGet(BpeEncoding.O200kBase) is not null, "the encoding is not loaded");
        return await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
              anthropic: { kind: anthropic, baseUrl: "{{simulator.RootUrl}}/v1", apiKey: sk-provider-secret-1234567890 }
            deployments:
              gpt: { provider: sim, model: gpt-4o, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
              other: { provider: sim, model: other, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
              claude: { provider: anthropic, model: claude-sonnet-4-5, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              gpt-4o: { targets: [ { deployment: gpt } ] }
              other: { targets: [ { deployment: other } ] }
              claude: { targets: [ { deployment: claude } ] }
              first: { targets: [ { deployment: gpt } ], fallbacks: [ other ] }
              both: { targets: [ { deployment: gpt } ], fallbacks: [ gpt-4o ] }
            keys:
              main: { value: {{EdgeHost.Key}} {{(key.Length > 0 ? ", " + key : "")}} }
            settings: { promptEstimate: {{policy}} }
            {{more}}
            """);
    }
}
