using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Estimates;

/// <summary>What is held for answers without a cap, and what becomes of those that grow beyond it.</summary>
public sealed class OutputPolicyTests
{
    private const long Limit = 3_000_000;

    public static TheoryData<DialectId, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<DialectId, string>();
            foreach (var dialect in (DialectId[])[DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini, DialectId.BedrockConverse, DialectId.Cohere])
            {
                pairs.Add(dialect, "openai");
                if (dialect != DialectId.Anthropic)
                {
                    // Between the two a cap is required.
                    pairs.Add(dialect, "anthropic");
                }
            }

            pairs.Add(DialectId.OpenAICompletions, "openai");
            pairs.Add(DialectId.Gemini, "gemini");
            pairs.Add(DialectId.Cohere, "cohere");
            pairs.Add(DialectId.BedrockConverse, "bedrock");
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stream_that_outgrows_its_hold_ends_where_the_budget_does(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, provider, "learnt");
        Teach(edge, 100);
        var caller = new Caller(dialect);
        using var response = await AskAsync(edge, caller, "sim?tokens=20000&rate=20000");
        var (events, isWhole, _) = await caller.EventsAsync(response);
        Assert.False(isWhole);
        Assert.Contains("budget", Assert.Single(events, static e => e.Kind == ChatEventKind.Error).Error!.Message, StringComparison.Ordinal);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.BudgetStopped, "budget_exceeded", true), (record.Outcome, record.ErrorCode, record.Estimated));
        var account = Assert.Single(edge.Services.GetRequiredService<BudgetBook>());
        Assert.Equal((0, record.CostNanoUsd), (account.Figures.Held, account.Figures.Settled));
        Assert.InRange(record.CostNanoUsd, Limit / 4, Limit);
        await Eventually.TrueAsync(() => simulator.Stats.Active == 0, "the provider still answers");
    }

    [Fact]
    public async Task A_stream_that_fits_holds_more_as_it_grows_and_is_whole()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "openai", "learnt", "0.1");
        Teach(edge, 100);
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync(edge, caller, "sim?tokens=5000");
        Assert.NotEmpty(Caller.Text(await caller.StreamedAsync(response)));
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.Completed, 5_000, false), (record.Outcome, record.Tokens.Output, record.Estimated));
        var account = Assert.Single(edge.Services.GetRequiredService<BudgetBook>());
        Assert.Equal((0, record.CostNanoUsd), (account.Figures.Held, account.Figures.Settled));
    }

    [Fact]
    public async Task The_stop_is_at_the_same_text_however_the_stream_is_cut_into_pieces()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var chunk in (int[])[0, 7, 64, 1_000, 16_384])
        {
            // The length of the name is part of the prompt, whose bytes are held.
            await using var edge = await StartAsync(simulator, "openai", "learnt");
            Teach(edge, 100);
            var caller = new Caller(DialectId.OpenAIChat);
            using var response = await AskAsync(edge, caller, $"sim?tokens=4000&chunk={chunk:D5}");
            var (events, isWhole, _) = await caller.EventsAsync(response);
            Assert.False(isWhole);
            texts.Add(string.Concat(events.Select(static e => e.Text)));
        }

        Assert.NotEmpty(Assert.Single(texts));
    }

    [Fact]
    public async Task Together_they_never_spend_more_than_the_limit()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, "openai", "learnt", "0.02");
        Teach(edge, 100);
        var account = Assert.Single(edge.Services.GetRequiredService<BudgetBook>());
        var overspent = false;
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async i =>
        {
            var caller = new Caller(i % 2 == 0 ? DialectId.OpenAIChat : DialectId.Anthropic);
            using var response = await AskAsync(edge, caller, $"sim?tokens={200 + (i * 100)}");
            await Ignore(response);
            var figures = account.Figures;
            overspent |= figures.Settled + figures.Held > 20_000_000;
        }));
        Assert.False(overspent);
        var records = await edge.RecordsAsync(24);
        Assert.Contains(records, static r => r.Outcome == RequestOutcome.Completed);
        Assert.Contains(records, static r => r.Outcome == RequestOutcome.BudgetStopped);
        await Eventually.TrueAsync(() => account.Figures.Held == 0, "holds are left over");
        Assert.Equal(records.Sum(static r => r.CostNanoUsd), account.Figures.Settled);
        Assert.InRange(account.Figures.Settled, 1, 20_000_000);
    }

    [Fact]
    public async Task A_stream_that_goes_on_elsewhere_is_stopped_there_too()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              openai: { kind: openai, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-1 }
            deployments:
              a: { provider: openai, model: "sim?tokens=4000&resume=1&endAfter=20", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
              b: { provider: openai, model: "sim?tokens=4000&resume=1", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              r: { targets: [a, b], onCut: continue }
            keys:
              main: { value: {{EdgeHost.Key}}, budgets: [small] }
            budgets: { small: { limitUsd: 0.003, window: total } }
            settings: { outputCap: learnt }
            """);
        Teach(edge, 100, "a", "sim?tokens=4000&resume=1&endAfter=20");
        Teach(edge, 100, "b", "sim?tokens=4000&resume=1");
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync(edge, caller, "r");
        var (_, isWhole, _) = await caller.EventsAsync(response);
        Assert.False(isWhole);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.BudgetStopped, true), (record.Outcome, record.Continued));
        Assert.InRange(record.CostNanoUsd, Limit / 4, Limit);
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat, "openai", "max_completion_tokens")]
    [InlineData(DialectId.OpenAIChat, "sim", "max_tokens")]
    [InlineData(DialectId.OpenAIChat, "anthropic", "max_tokens")]
    [InlineData(DialectId.OpenAIChat, "gemini", "generationConfig.maxOutputTokens")]
    [InlineData(DialectId.OpenAIChat, "bedrock", "inferenceConfig.maxTokens")]
    [InlineData(DialectId.OpenAICompletions, "openai", "max_tokens")]
    [InlineData(DialectId.OpenAIResponses, "openai", "max_output_tokens")]
    [InlineData(DialectId.Gemini, "gemini", "generationConfig.maxOutputTokens")]
    [InlineData(DialectId.BedrockConverse, "bedrock", "inferenceConfig.maxTokens")]
    [InlineData(DialectId.Cohere, "cohere", "max_tokens")]
    public async Task A_set_cap_is_in_the_request_that_goes_out(DialectId dialect, string provider, string path)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await StartAsync(simulator, provider, "set, defaultOutputTokens: 37");
        var caller = new Caller(dialect);
        foreach (var stream in (bool[])[false, true])
        {
            using var response = await edge.PostAsync(caller.Path("sim", stream), Uncapped(caller, "sim", stream));
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode);
        }

        Assert.Equal(2, simulator.Received.Count);
        Assert.All(simulator.Received, r => Assert.Equal(37, path.Split('.').Aggregate(JsonNode.Parse(r.BodyText)!, static (node, name) => node[name]!).GetValue<int>()));

        // What the caller asks for stays.
        using var capped = await edge.PostAsync(caller.Path("sim", false), caller.Body("sim", "hello there", false));
        await capped.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Contains("500", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain("37", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "11")]
    [InlineData("", "outputCap: set", "11")]
    [InlineData("", "outputCap: set, defaultOutputTokens: 22", "22")]
    [InlineData("", "outputCap: modelLimit", "")]
    [InlineData("outputCap: modelLimit", "outputCap: set, defaultOutputTokens: 22", "")]
    [InlineData("outputCap: set", "outputCap: modelLimit, defaultOutputTokens: 22", "22")]
    [InlineData("outputCap: set, defaultOutputTokens: 33", "outputCap: set, defaultOutputTokens: 22", "33")]
    [InlineData("defaultOutputTokens: 33", "", "33")]
    public async Task The_policy_of_the_key_stands_before_that_of_the_route_and_that_before_the_settings(string key, string route, string cap)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
            deployments:
              sim: { provider: sim, model: sim, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              asked: { targets: [ { deployment: sim } ], rules: [ { when: "true", route: other } ] {{(route.Length > 0 ? ", " + route : "")}} }
              other: { targets: [ { deployment: sim } ], outputCap: set, defaultOutputTokens: 44 }
            keys:
              main: { value: {{EdgeHost.Key}} {{(key.Length > 0 ? ", " + key : "")}} }
            settings: { outputCap: set, defaultOutputTokens: 11 }
            """);

        // A rule sends the request to another route, which says otherwise: what was asked for counts.
        using var response = await edge.ChatAsync("asked");
        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(cap, JsonNode.Parse(Assert.Single(simulator.Received).BodyText)!["max_tokens"]?.ToString() ?? "");
        using var capped = await edge.ChatAsync("asked", "\"max_tokens\":7");
        Assert.Equal("7", JsonNode.Parse(simulator.Received[^1].BodyText)!["max_tokens"]!.ToString());
    }

    [Fact]
    public async Task Learning_starts_from_the_models_limit_and_never_holds_less_than_a_little()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { outputCap: learnt, defaultOutputTokens: 3000 }");
        var learnt = edge.Services.GetRequiredService<LearntTraffic>();
        for (var i = 0; i < ModelTraffic.WarmUp; i++)
        {
            Assert.Null(learnt.Of("sim", "sim?tokens=9").Output);
            using var response = await edge.ChatAsync("sim?tokens=9");
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        }

        await edge.RecordsAsync(ModelTraffic.WarmUp);
        Assert.Equal(ModelTraffic.LeastOutput, learnt.Of("sim", "sim?tokens=9").Output);
    }

    private static async Task Ignore(HttpResponseMessage response)
    {
        try
        {
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Broken off after its error event.
        }
    }

    private static void Teach(EdgeHost edge, long tokens, string deployment = "sim", string? model = null)
    {
        var learnt = edge.Services.GetRequiredService<LearntTraffic>();
        foreach (var name in model is null ? _models : [model])
        {
            var traffic = learnt.Learning(deployment, name)!;
            for (var i = 0; i < ModelTraffic.WarmUp; i++)
            {
                traffic.AddOutput(tokens);
            }
        }
    }

    private static readonly string[] _models =
    [
        "sim?tokens=20000&rate=20000", "sim?tokens=5000", .. ((int[])[0, 7, 64, 1_000, 16_384]).Select(static c => $"sim?tokens=4000&chunk={c:D5}"),
        .. Enumerable.Range(0, 24).Select(static i => $"sim?tokens={200 + (i * 100)}"),
    ];

    private static Task<HttpResponseMessage> AskAsync(EdgeHost edge, Caller caller, string model) => edge.PostAsync(caller.Path(model, stream: true), Uncapped(caller, model, stream: true));

    private static string Uncapped(Caller caller, string model, bool stream)
    {
        var body = JsonNode.Parse(caller.Body(model, "hello there", stream))!.AsObject();
        foreach (var name in (string[])["max_tokens", "max_output_tokens", "generationConfig", "inferenceConfig"])
        {
            body.Remove(name);
        }

        return body.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static Task<EdgeHost> StartAsync(SimulatorHost simulator, string provider, string outputCap, string limitUsd = "0.003") => EdgeHost.StartAsync($$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          {{Provider(simulator, provider)}}
        deployments:
          sim: { provider: {{provider}}, model: "sim*", maxOutputTokens: 50000, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "sim*": { targets: [ { deployment: sim } ] }
        keys:
          main: { value: {{EdgeHost.Key}}, budgets: [small] }
        budgets: { small: { limitUsd: {{limitUsd}}, window: total } }
        settings: { outputCap: {{outputCap}} }
        """);

    private static string Provider(SimulatorHost simulator, string provider) => provider switch
    {
        "gemini" => $$"""gemini: { kind: gemini, baseUrl: "{{simulator.BaseUrl.Replace("/v1", "/v1beta", StringComparison.Ordinal)}}", apiKey: k-provider-secret-1234567890 }""",
        "bedrock" => $$"""bedrock: { kind: bedrock, region: us-east-1, baseUrl: "{{simulator.BaseUrl.Replace("/v1", "", StringComparison.Ordinal)}}", apiKey: k-provider-secret-1234567890 }""",
        "cohere" => $$"""cohere: { kind: cohere, baseUrl: "{{simulator.BaseUrl.Replace("/v1", "", StringComparison.Ordinal)}}", apiKey: k-provider-secret-1234567890 }""",
        "sim" => $$"""sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }""",
        _ => $$"""{{provider}}: { kind: {{provider}}, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }""",
    };
}
