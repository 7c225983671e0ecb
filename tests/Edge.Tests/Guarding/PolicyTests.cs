using System.Net;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Policies over what goes to a model and what comes back, in every dialect.</summary>
public sealed class PolicyTests
{
    private const string Redact = """
        guardrails:
          names:
            appliesTo: {}
            rules: [ { detector: keywords, action: redact, terms: [ Falcon, "日本 Kranich" ] } ]
        """;

    public static TheoryData<DialectId, string> Pairs => NativeCallTests.Pairs;

    public static TheoryData<DialectId> Callers
    {
        get
        {
            var callers = new TheoryData<DialectId>();
            callers.AddRange([DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini, DialectId.BedrockConverse, DialectId.Cohere, DialectId.OpenAICompletions]);
            return callers;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_redacted_text_never_reaches_the_provider_and_all_else_is_the_callers(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, Redact));
        var caller = new Caller(dialect);
        var asked = caller.Body(provider + "/sim?tokens=2", "the Falcon plan \"quoted\" 🙂", stream: false).Replace("Falcon", "F\\u0061lcon", StringComparison.Ordinal);
        using var response = await edge.PostAsync(caller.Path(provider + "/sim?tokens=2", stream: false), asked);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        var sent = JsonNode.Parse(simulator.Received[^1].BodyText)!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.DoesNotContain("Falcon", sent, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("] plan \\\"quoted\\\" ", sent, StringComparison.Ordinal);
        Assert.Equal("names=redact", response.Headers.GetValues("x-gateway-guardrails").Single());
    }

    [Fact]
    public async Task Bytes_that_no_rule_changes_stay_the_callers()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, Redact);
        const string body = """ { "model" : "sim", "x_unknown": [1.50, "falcon"],  "messages":[ {"role":"user", "content":"say\u0020 Falcon  "}, {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"falcon","arguments":"{\"who\": \"F\u0061lcon\", \"n\":1.0}"}}]},{"role":"tool","tool_call_id":"call_1","content":"falcon flew"} ] } """;
        using var response = await edge.PostAsync("/v1/chat/completions", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var expected = body.Replace("\"say\\u0020 Falcon  \"", "\"say  [KEYWORDS]  \"", StringComparison.Ordinal).Replace("falcon flew", "[KEYWORDS] flew", StringComparison.Ordinal);
        var sent = simulator.Received[^1].BodyText;
        var kind = sent[(sent.IndexOf("say  [", StringComparison.Ordinal) + 6)..sent.IndexOf(']', sent.IndexOf("say  [", StringComparison.Ordinal))];
        expected = expected.Replace("KEYWORDS", kind, StringComparison.Ordinal);
        var arguments = JsonNode.Parse(sent)!["messages"]![1]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>();
        Assert.Equal($$"""{"who": "[{{kind}}]", "n":1.0}""", arguments);
        Assert.StartsWith(expected[..expected.IndexOf("\"arguments\"", StringComparison.Ordinal)], sent, StringComparison.Ordinal);
        Assert.EndsWith(expected[expected.IndexOf("}}]},", StringComparison.Ordinal)..], sent, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_blocked_request_is_refused_in_the_callers_dialect_with_the_policys_words(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              p: { appliesTo: { models: [ "compatible/*" ] }, rules: [ { detector: keywords, action: block, terms: [ Falcon ], message: Ask the press office. } ] }
            """));
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "compatible/sim", stream: true, text: "the falcon plan");
        var error = await caller.ErrorAsync(response, 400);
        Assert.Contains("Ask the press office.", error.Message, StringComparison.Ordinal);
        Assert.Empty(simulator.Received);
        Assert.Equal("content_blocked", Assert.Single(await edge.RecordsAsync(1)).ErrorCode);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Streams_however_they_are_cut_and_whole_answers_give_the_same_text(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, Redact));
        var caller = new Caller(dialect);
        const string text = "text=we%20saw%20a%20Falcon%20and%20a%20%E6%97%A5%E6%9C%AC%20Kranich%20falcon%20fal%20con%20end";
        using var plain = await caller.AskAsync(edge, $"{provider}/sim?{text}");
        var expected = Caller.Text(await caller.AnswerAsync(plain));
        Assert.DoesNotContain("falcon", expected, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Kranich", expected, StringComparison.Ordinal);
        Assert.EndsWith("fal con end", expected.Trim(), StringComparison.Ordinal);
        for (var seed = 1; seed <= 4; seed++)
        {
            using var response = await caller.AskAsync(edge, $"{provider}/sim?{text}&recut={seed}&chunk={seed * 3}", stream: true);
            var (events, isWhole, isBroken) = await caller.EventsAsync(response);
            Assert.True(isWhole && !isBroken, $"{seed}");
            Assert.Equal(expected, string.Concat(events.Where(static e => e is { Kind: ChatEventKind.Delta, PartKind: PartKind.Text }).Select(static e => e.Text)));
            Assert.Equal(FinishReason.Stop, Assert.Single(events, static e => e.Kind == ChatEventKind.Finish).Finish);
            Assert.Single(events, static e => e.Kind == ChatEventKind.End);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_forbidden_answer_ends_before_what_is_forbidden_with_the_reason_of_a_filter(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: block, scopes: [ output ], terms: [ Falcon ] } ] }
            """));
        var caller = new Caller(dialect);
        const string model = "/sim?text=this%20is%20fine%20but%20falcon%20is%20not";
        using var plain = await caller.AskAsync(edge, provider + model);
        Assert.Equal("p=block", plain.Headers.GetValues("x-gateway-guardrails").Single());
        using var stream = await caller.AskAsync(edge, provider + model + "&recut=3", stream: true);
        ChatAnswer[] answers = [await caller.AnswerAsync(plain), await caller.StreamedAsync(stream)];
        Assert.All(answers, static answer =>
        {
            Assert.Equal("this is fine but ", Caller.Text(answer));
            // Anthropic has one word for both.
            Assert.True(answer.Choices[0].Finish is FinishReason.ContentFilter or FinishReason.Refusal, answer.Choices[0].Finish.ToString());
        });
        Assert.All(await edge.RecordsAsync(2), static r => Assert.Equal((RequestOutcome.ContentBlocked, "content_blocked"), (r.Outcome, r.ErrorCode)));
    }

    [Fact]
    public async Task A_policy_in_shadow_tells_and_does_nothing_and_one_that_names_nobody_is_not_run()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              quiet: { mode: shadow, appliesTo: {}, rules: [ { detector: keywords, action: block, scopes: [ input ], terms: [ hello ] } ] }
              loud: { appliesTo: {}, rules: [ { detector: keywords, action: flag, scopes: [ input ], terms: [ there ] } ] }
              nobody: { rules: [ { detector: keywords, action: block, terms: [ hello ] } ] }
              off: { enabled: false, appliesTo: {}, rules: [ { detector: keywords, action: block, terms: [ hello ] } ] }
            """);
        using var response = await edge.ChatAsync("sim?tokens=1");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("loud=flag, quiet=shadow:block", response.Headers.GetValues("x-gateway-guardrails").Single());
        Assert.Equal(EdgeHost.Chat("sim?tokens=1"), simulator.Received[^1].BodyText);
    }

    [Fact]
    public async Task A_policy_of_a_key_holds_for_that_key_and_a_rule_sends_its_requests_elsewhere()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, """
            guardrails:
              health: { rules: [ { detector: keywords, action: route, route: inhouse, scopes: [ input ], terms: [ diagnosis ] } ] }
            """, ", guardrailPolicies: [ health ]").Replace("routes:\n", "  own: { provider: sim, model: sim-own }\nroutes:\n  inhouse: { targets: [ { deployment: own } ] }\n", StringComparison.Ordinal));
        using var elsewhere = await edge.PostAsync("/v1/chat/completions", """{"model":"sim","messages":[{"role":"user","content":"the diagnosis is"}]}""");
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
        using var usual = await edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, usual.StatusCode);
        Assert.Equal(["own", "sim"], (await edge.RecordsAsync(2)).Select(static r => r.DeploymentId));
        Assert.Contains("\"sim-own\"", simulator.Received[0].BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_images_and_lines_of_batches_are_looked_at_too()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ input, embedding ], terms: [ Falcon ] } ] }
            """);
        using var embeddings = await edge.PostAsync("/v1/embeddings", """{"model":"sim","input":["a falcon","none"]}""");
        Assert.Equal(HttpStatusCode.OK, embeddings.StatusCode);
        Assert.Contains("\"input\":[\"a [", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("sim"), "model" },
            { new StringContent("a falcon in flight"), "prompt" },
            { new ByteArrayContent([1, 2, 3]), "image", "image.png" },
        };
        using var image = await edge.Client.PostAsync("/v1/images/edits", form, TestContext.Current.CancellationToken);
        Assert.True(image.IsSuccessStatusCode, await image.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain("falcon", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Contains("in flight", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_for_embeddings_looks_at_these_only()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ embedding ], terms: [ hello ] } ] }
            """);
        using var embeddings = await edge.PostAsync("/v1/embeddings", """{"model":"sim","input":"hello there"}""");
        Assert.Equal(HttpStatusCode.OK, embeddings.StatusCode);
        Assert.Contains("[TERM] there", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        using var chat = await edge.ChatAsync("sim?tokens=1");
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
        Assert.Contains("hello there", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_governance_nobody_can_approve()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: approve, scopes: [ input ], terms: [ hello ] } ] }
            """);
        using var response = await edge.ChatAsync("sim");
        await EdgeHost.ErrorAsync(response, 403, "approval_required");
        Assert.Empty(simulator.Received);
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task What_comes_from_the_cache_is_guarded_like_any_answer(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            settings: { cache: exact }
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ output ], terms: [ Falcon ] } ] }
            """));
        var caller = new Caller(dialect);
        const string model = "compatible/sim?text=we%20saw%20a%20Falcon%20fly";
        using var miss = await caller.AskAsync(edge, model);
        var expected = Caller.Text(await caller.AnswerAsync(miss));
        Assert.DoesNotContain("Falcon", expected, StringComparison.Ordinal);
        using var plain = await caller.AskAsync(edge, model);
        Assert.Equal(expected, Caller.Text(await caller.AnswerAsync(plain)));
        using var stream = await caller.AskAsync(edge, model, stream: true);
        Assert.Equal(expected, Caller.Text(await caller.StreamedAsync(stream)));
        Assert.True(simulator.Received.Count < 3, $"{simulator.Received.Count} calls");
    }
}
