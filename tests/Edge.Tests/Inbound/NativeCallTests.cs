using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>Every caller's dialect against every provider's.</summary>
public sealed class NativeCallTests
{
    private static readonly DialectId[] _callers =
    [
        DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini, DialectId.BedrockConverse, DialectId.Cohere, DialectId.OpenAICompletions,
    ];

    private static readonly (string Provider, DialectId Dialect, string Path)[] _providers =
    [
        ("compatible", DialectId.OpenAIChat, "completions"), ("responses", DialectId.OpenAIResponses, "/responses"), ("anthropic", DialectId.Anthropic, "/messages"),
        ("gemini", DialectId.Gemini, "enerateContent"), ("bedrock", DialectId.BedrockConverse, "/converse"), ("cohere", DialectId.Cohere, "/v2/chat"),
    ];

    public static TheoryData<DialectId, string> Pairs => PairsOf(_callers);

    /// <summary>Completions know no tools.</summary>
    public static TheoryData<DialectId, string> PairsWithTools => PairsOf(_callers.Where(static c => c != DialectId.OpenAICompletions));

    private static TheoryData<DialectId, string> PairsOf(IEnumerable<DialectId> callers)
    {
        var pairs = new TheoryData<DialectId, string>();
        foreach (var caller in callers)
        {
            foreach (var (provider, _, _) in _providers)
            {
                pairs.Add(caller, provider);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_answer_survives_whole_and_streamed(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator));
        var caller = new Caller(dialect);
        var model = provider + "/sim?text=one%20two%20three&cached=2&chunk=7";
        using var plain = await caller.AskAsync(edge, model);
        using var stream = await caller.AskAsync(edge, model, stream: true);
        ChatAnswer[] answers = [await caller.AnswerAsync(plain), await caller.StreamedAsync(stream)];
        Assert.All(answers, static answer =>
        {
            Assert.Equal("one two three", Caller.Text(answer).Trim());
            Assert.Equal(FinishReason.Stop, answer.Choices[0].Finish);
        });
        var expected = _providers.Single(p => p.Provider == provider);
        Assert.All(simulator.Received, r => Assert.Contains(provider == "responses" && !SpeaksResponses(dialect) ? "completions" : expected.Path, r.Path, StringComparison.Ordinal));
        var records = await edge.RecordsAsync(2);
        Assert.All(records, r =>
        {
            Assert.Equal(RequestOutcome.Completed, r.Outcome);
            Assert.False(r.Estimated, $"{dialect} {provider} {(r.Stream ? "stream" : "plain")}");
            Assert.True(r.Tokens.Output > 0 && r.Tokens.Input > 0);
            Assert.True(r.CostNanoUsd > 0);
        });
        Assert.Equal(records[0].Tokens, records[1].Tokens);
        if (answers[0].Usage is { } usage)
        {
            Assert.Equal(records[0].Tokens.Input + records[0].Tokens.CacheRead + records[0].Tokens.CacheWrite, usage.Input + usage.CacheRead + usage.CacheWrite);
            Assert.Equal(records[0].Tokens.Output + records[0].Tokens.Reasoning, usage.Output + usage.Reasoning);
        }
    }

    [Theory]
    [MemberData(nameof(PairsWithTools))]
    public async Task Tool_calls_survive_whole_and_streamed(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator));
        var caller = new Caller(dialect);
        using var plain = await caller.AskAsync(edge, provider + "/sim?tools=2", tools: true);
        using var stream = await caller.AskAsync(edge, provider + "/sim?tools=2&chunk=5", stream: true, tools: true);
        foreach (var answer in (ChatAnswer[])[await caller.AnswerAsync(plain), await caller.StreamedAsync(stream)])
        {
            var calls = answer.Choices[0].Parts.OfType<ToolCallPart>().ToList();
            Assert.Equal(2, calls.Count);
            Assert.All(calls, static call =>
            {
                Assert.Equal("weather", call.Name);
                Assert.True(JsonNode.Parse(call.Arguments)!.AsObject().ContainsKey("city"));
            });
            Assert.Equal(FinishReason.ToolCalls, answer.Choices[0].Finish);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_error_keeps_status_and_kind(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator));
        var caller = new Caller(dialect);
        foreach (var stream in (bool[])[false, true])
        {
            using var wrong = await caller.AskAsync(edge, provider + "/sim?status=400", stream);
            Assert.Equal(ChatErrorKind.InvalidRequest, (await caller.ErrorAsync(wrong, 400)).Kind);
            using var absent = await caller.AskAsync(edge, provider + "/sim?status=404", stream);
            Assert.Equal(ChatErrorKind.NotFound, (await caller.ErrorAsync(absent, 404)).Kind);
        }

        using var limited = await caller.AskAsync(edge, provider + "/sim?status=429&retryAfter=3");
        // Gemini calls a rate limit a quota, in words that other dialects use for an empty account.
        Assert.True((await caller.ErrorAsync(limited, 429)).Kind is ChatErrorKind.RateLimit or ChatErrorKind.Quota);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_broken_stream_is_told_and_never_whole(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator));
        var caller = new Caller(dialect);
        string[] faults = ["cut=1200", "endAfter=4", "malformed=4", "streamError=4"];
        foreach (var fault in faults)
        {
            using var response = await caller.AskAsync(edge, $"{provider}/sim?tokens=40&{fault}", stream: true);
            var (events, isWhole, isBroken) = await caller.EventsAsync(response);
            Assert.True(caller.BreaksOff(fault) == isBroken, fault);
            Assert.False(isWhole, fault);
            Assert.DoesNotContain(events, static e => e.Kind == ChatEventKind.End);
            Assert.True(events.Count(static e => e.Kind == ChatEventKind.Error) == 1, $"{fault}: {string.Join(' ', events.Select(static e => e.Kind))}");
        }

        Assert.All(await edge.RecordsAsync(faults.Length), static r => Assert.True(r.Outcome is RequestOutcome.UpstreamCut or RequestOutcome.UpstreamError));
    }

    [Theory]
    [InlineData("anthropic", DialectId.Anthropic)]
    [InlineData("gemini", DialectId.Gemini)]
    [InlineData("bedrock", DialectId.BedrockConverse)]
    [InlineData("cohere", DialectId.Cohere)]
    [InlineData("responses", DialectId.OpenAIResponses)]
    public async Task In_one_dialect_bytes_pass_both_ways(string provider, DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator));
        var caller = new Caller(dialect);
        var model = provider + "/sim?extra=1&tokens=3";
        foreach (var stream in (bool[])[false, true])
        {
            var body = caller.Body(model, "hello there", stream);
            // Nothing that is written anew keeps such spaces and escapes.
            body = body[..^1].Replace("hello", "h\\u0065llo", StringComparison.Ordinal) + "  } ";
            using var response = await edge.PostAsync(caller.Path(model, stream), body);
            var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(bytes));
            Assert.Equal(body.Replace($"\"{model}\"", "\"sim?extra=1&tokens=3\"", StringComparison.Ordinal).Replace(JsonEncoded(model), "\"sim?extra=1&tokens=3\"", StringComparison.Ordinal), simulator.Received[^1].BodyText);
            Assert.Contains("x_", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_gemini_array_is_made_of_the_providers_own_events()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator));
        var caller = new Caller(DialectId.Gemini);
        var path = caller.Path("gemini/sim?text=one%20two&extra=1", stream: true).Replace("?alt=sse", "", StringComparison.Ordinal);
        using var response = await edge.PostAsync(path, caller.Body("", "hi", stream: true));
        var elements = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsArray();
        Assert.True(elements.Count > 1);
        Assert.NotNull(elements[^1]!["usageMetadata"]);
        using var cut = await edge.PostAsync(path.Replace("extra%3D1", "endAfter%3D1", StringComparison.Ordinal), caller.Body("", "hi", stream: true));
        var (events, _, isBroken) = await caller.EventsAsync(cut);
        Assert.True(isBroken);
        Assert.Single(events, static e => e.Kind == ChatEventKind.Error);
    }

    private static bool SpeaksResponses(DialectId caller) => caller == DialectId.OpenAIResponses;

    private static string JsonEncoded(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    /// <summary>An edge with a provider of each dialect, each with a route of its own.</summary>
    internal static string Configuration(SimulatorHost simulator, string more = "")
    {
        var root = simulator.RootUrl;
        const string secret = "apiKey: sk-provider-secret-1234567890";
        var yaml = new StringBuilder("version: 1\nautoProviders: false\ndemo: false\nproviders:\n");
        yaml.Append($"  compatible: {{ kind: openai, baseUrl: \"{root}/v1\", {secret} }}\n");
        yaml.Append($"  responses: {{ kind: openai, baseUrl: \"{root}/v1\", nativeResponses: true, {secret} }}\n");
        yaml.Append($"  anthropic: {{ kind: anthropic, baseUrl: \"{root}/v1\", {secret} }}\n");
        yaml.Append($"  gemini: {{ kind: gemini, baseUrl: \"{root}/v1beta\", {secret} }}\n");
        yaml.Append($"  bedrock: {{ kind: bedrock, baseUrl: \"{root}\", region: us-east-1, {secret} }}\n");
        yaml.Append($"  cohere: {{ kind: cohere, baseUrl: \"{root}\", {secret} }}\n");
        yaml.Append("deployments:\n");
        foreach (var (provider, _, _) in _providers)
        {
            yaml.Append($"  {provider}: {{ provider: {provider}, model: \"*\", price: {{ version: test, inputPerMillion: 1, outputPerMillion: 2 }} }}\n");
        }

        yaml.Append("routes:\n");
        foreach (var (provider, _, _) in _providers)
        {
            yaml.Append($"  \"{provider}/*\": {{ targets: [ {{ deployment: {provider} }} ] }}\n");
        }

        return yaml.Append($"keys:\n  main: {{ value: {EdgeHost.Key} }}\n").Append(more).ToString();
    }
}
