using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Continuation;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Continuation;

public sealed class ContinuationTests
{
    private const string Text = "tokens=14&seed=7&resume=1";

    public static TheoryData<DialectId, string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<DialectId, string, string>();
            foreach (var caller in (DialectId[])[DialectId.OpenAIChat, DialectId.Anthropic, DialectId.Gemini, DialectId.OpenAIResponses])
            {
                pairs.Add(caller, "openai", "anthropic");
                pairs.Add(caller, "anthropic", "openai");
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stream_cut_at_any_byte_goes_on_elsewhere_with_nothing_lost_or_repeated(DialectId dialect, string first, string second)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              cut: { Deployment(first, Text + "&cut=*", 1, 2).Replace("sim?", "broken?", StringComparison.Ordinal) }
              good: { Deployment(second, Text, 3, 4) }
            """, "\"r*\": { targets: [cut, good], onCut: continue }\n  whole: { targets: [good], onCut: continue }"));
        var caller = new Caller(dialect);
        using var uncut = await AskAsync(caller, edge, "whole");
        var expected = Caller.Text(await caller.StreamedAsync(uncut));
        Assert.NotEmpty(expected);
        var cuts = Enumerable.Range(1, 600).Concat(Enumerable.Range(0, 90).Select(static i => 607 + (i * 17))).ToList();
        foreach (var cut in cuts)
        {
            using var response = await AskAsync(caller, edge, $"r{cut}");
            var (events, isWhole, isBroken) = await caller.EventsAsync(response);
            Assert.True(isWhole && !isBroken, $"cut={cut}: {string.Join(' ', events.Select(static e => e.Error?.Message ?? e.Kind.ToString()))}");
            Assert.Single(events, static e => e.Kind == ChatEventKind.Start);
            Assert.Equal(FinishReason.Stop, Assert.Single(events, static e => e.Kind == ChatEventKind.Finish).Finish);
            Assert.Single(events, static e => e.Kind == ChatEventKind.PartStart);
            Assert.True(expected == TextOf(events), $"cut={cut}: {expected} became {TextOf(events)}");
            var record = (await edge.RecordsAsync(2 + cuts.IndexOf(cut)))[^1];
            Assert.Equal((RequestOutcome.Completed, "good", 2), (record.Outcome, record.DeploymentId, record.Attempts));
            var told = events.Last(static e => e.Kind == ChatEventKind.Usage).Usage;
            Assert.True(record.Continued || cut < 700);

            // The second leg was counted by its provider; the rest of the tokens and of the cost is the first one's, at the first one's price.
            await Eventually.TrueAsync(() => simulator.Bill.Lines.Count(static l => l.Model == "sim") == 2 + cuts.IndexOf(cut), "the second leg is not billed");
            var line = simulator.Bill.Lines.Last(static l => l.Model == "sim");
            var (input, output) = (record.Tokens.Input - line.PromptTokens, record.Tokens.Output - line.CompletionTokens);
            Assert.True(input > 0 && (record.Continued ? output >= 0 : output == 0), $"cut={cut}: {input} {output}");
            // A call that broke off before anything was passed on is billed, but was no part of the answer.
            Assert.Equal(record.Continued ? (record.Tokens.Input, record.Tokens.Output) : (line.PromptTokens, line.CompletionTokens), (told.Input, told.Output));
            Assert.Equal((input * 1000) + (output * 2000) + (line.PromptTokens * 3000) + (line.CompletionTokens * 4000), record.CostNanoUsd);
        }
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat)]
    [InlineData(DialectId.Anthropic)]
    public async Task What_the_providers_bill_is_what_the_ledger_says(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              cut: { Deployment("openai", Text + "&runningUsage=1&endAfter=*", 1, 2) }
              good: { Deployment("anthropic", Text, 3, 4) }
            """, "\"r*\": { targets: [cut, good], onCut: continue }"));
        var caller = new Caller(dialect);
        for (var end = 2; end < 14; end++)
        {
            simulator.Reset();
            using var response = await AskAsync(caller, edge, $"r{end}");
            var (events, isWhole, _) = await caller.EventsAsync(response);
            Assert.True(isWhole);
            var record = (await edge.RecordsAsync(end - 1))[^1];
            await Eventually.TrueAsync(() => simulator.Bill.Lines.Count == 2, "both legs are not billed");
            // Each is billed when its connection ends, in any order; the second one's prompt has what the first one said besides.
            var lines = simulator.Bill.Lines.OrderBy(static l => l.PromptTokens).ToList();
            Assert.False(record.Estimated);
            Assert.True(record.Continued);
            Assert.Equal((lines[0].PromptTokens * 1000) + (lines[0].CompletionTokens * 2000) + (lines[1].PromptTokens * 3000) + (lines[1].CompletionTokens * 4000), record.CostNanoUsd);
            var told = events.Last(static e => e.Kind == ChatEventKind.Usage).Usage;
            Assert.Equal((lines.Sum(static l => l.PromptTokens), lines.Sum(static l => l.CompletionTokens)), (told.Input, told.Output));
        }
    }

    [Theory]
    [InlineData("repeat=20")]
    [InlineData("repeat=100000")]
    [InlineData("chunk=3")]
    public async Task What_the_second_model_repeats_is_left_out(string knob)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              cut: { Deployment("openai", Text + "&endAfter=*") }
              good: { Deployment("openai", Text + "&" + knob) }
            """, "\"r*\": { targets: [cut, good], onCut: continue }"));
        var caller = new Caller(DialectId.OpenAIChat);
        string? expected = null;
        for (var end = 14; end > 1; end--)
        {
            using var response = await AskAsync(caller, edge, $"r{end}");
            var text = Caller.Text(await caller.StreamedAsync(response));
            Assert.Equal(expected ??= text, text);
        }
    }

    [Theory]
    [InlineData("stall=body")]
    [InlineData("malformed=5")]
    [InlineData("truncate=900")]
    [InlineData("cut=900&reset=1")]
    public async Task Every_way_to_break_off_is_continued(string fault)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              broken: { Deployment("openai", Text + "&" + fault) }
              good: { Deployment("openai", Text) }
            """, "r: { targets: [broken, good], onCut: continue, timeouts: { idleMs: 300 } }\n  whole: { targets: [good] }"));
        var caller = new Caller(DialectId.OpenAIChat);
        using var whole = await AskAsync(caller, edge, "whole");
        using var response = await AskAsync(caller, edge, "r");
        Assert.Equal(Caller.Text(await caller.StreamedAsync(whole)), Caller.Text(await caller.StreamedAsync(response)));
        Assert.True((await edge.RecordsAsync(2)).Single(static r => r.Model == "r").Continued);
    }

    [Fact]
    public async Task Two_cuts_are_continued_and_a_third_is_not()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              one: { Deployment("openai", Text + "&endAfter=4") }
              two: { Deployment("anthropic", Text + "&endAfter=6&repeat=15") }
              three: { Deployment("openai", Text + "&endAfter=3") }
              good: { Deployment("openai", Text) }
            """, "r: { targets: [one, two, good], onCut: continue }\n  bad: { targets: [one, two, three, good], onCut: continue, maxAttempts: 10 }\n  few: { targets: [one, two, good], onCut: continue, maxAttempts: 2 }\n  whole: { targets: [good] }"));
        var caller = new Caller(DialectId.Anthropic);
        using var whole = await AskAsync(caller, edge, "whole");
        var text = Caller.Text(await caller.StreamedAsync(whole));
        await edge.RecordsAsync(1);
        using var response = await AskAsync(caller, edge, "r");
        Assert.Equal(text, Caller.Text(await caller.StreamedAsync(response)));
        await edge.RecordsAsync(2);
        foreach (var model in (string[])["bad", "few"])
        {
            using var broken = await AskAsync(caller, edge, model);
            await BrokenAsync(caller, broken);
        }

        var records = await edge.RecordsAsync(4);
        Assert.Equal([1, 3, 3, 2], records.Select(static r => r.Attempts));
        Assert.Equal([RequestOutcome.Completed, RequestOutcome.Completed, RequestOutcome.UpstreamCut, RequestOutcome.UpstreamCut], records.Select(static r => r.Outcome));
    }

    [Theory]
    [InlineData("claude-3-5-sonnet", true)]
    [InlineData("claude-sonnet-4-6-latest", false)]
    public async Task A_model_that_goes_on_by_itself_is_not_told_to(string model, bool prefills)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $$"""
              cut: {{ Deployment("openai", Text + "&endAfter=*") }}
              good: { provider: anthropic, model: "{{model}}?{{Text}}" }
            """, "\"r*\": { targets: [cut, good], onCut: continue }"));
        var caller = new Caller(DialectId.OpenAIChat);
        string? expected = null;
        for (var end = 14; end > 4; end--)
        {
            using var response = await AskAsync(caller, edge, $"r{end}");
            var text = Caller.Text(await caller.StreamedAsync(response)).TrimEnd();
            Assert.Equal(expected ??= text, text);
            var last = JsonNode.Parse(simulator.Received[^1].BodyText)!["messages"]!.AsArray()[^1]!;
            Assert.Equal(prefills ? "assistant" : "user", last["role"]!.GetValue<string>());
            Assert.Equal(prefills, !last.ToJsonString().Contains("cut off", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("tools=1&cut=900", true, "onCut: continue")]
    [InlineData("tokens=30&cut=900", false, "onCut: error")]
    [InlineData("tokens=30&cut=900", false, "maxAttempts: 2")]
    [InlineData("thinking=30&cut=900", false, "onCut: continue")]
    [InlineData("tokens=1&noDone=1", false, "onCut: continue")]
    public async Task What_cannot_or_must_not_be_continued_ends_with_an_error(string fault, bool tools, string setting)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              broken: { Deployment("openai", fault) }
              good: { Deployment("openai", Text) }
            """, $"r: {{ targets: [broken, good], {setting} }}"));
        foreach (var dialect in (DialectId[])[DialectId.OpenAIChat, DialectId.Anthropic])
        {
            var caller = new Caller(dialect);
            using var response = await caller.AskAsync(edge, "r", stream: true, tools: tools);
            await BrokenAsync(caller, response);
        }

        Assert.Equal(2, simulator.Received.Count);
        Assert.All(await edge.RecordsAsync(2), static r => Assert.Equal((RequestOutcome.UpstreamCut, false, 1), (r.Outcome, r.Continued, r.Attempts)));
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}")]
    [InlineData("\"logprobs\":true")]
    [InlineData("\"n\":2")]
    public async Task Structure_probabilities_and_several_choices_are_not_continued(string more)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              broken: { Deployment("openai", "tokens=30&cut=900") }
              good: { Deployment("openai", Text) }
            """, "r: { targets: [broken, good], onCut: continue }"));
        using var response = await edge.ChatAsync("r", "\"stream\":true," + more);
        await BrokenAsync(new Caller(DialectId.OpenAIChat), response);
        Assert.Single(simulator.Received);
    }

    [Theory]
    [InlineData("status=503")]
    [InlineData("status=400")]
    [InlineData("drop=1")]
    [InlineData("cut=20")]
    public async Task When_nobody_can_go_on_the_stream_ends_with_an_error_and_the_first_leg_is_billed(string fault)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              broken: { Deployment("openai", Text + "&runningUsage=1&endAfter=5", 1, 2) }
              bad: { Deployment("anthropic", fault, 0, 0) }
            """, "r: { targets: [broken, bad], onCut: continue }"));
        var caller = new Caller(DialectId.Gemini);
        using var response = await AskAsync(caller, edge, "r");
        await BrokenAsync(caller, response);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.UpstreamCut, false, 2, "broken", "upstream_cut"), (record.Outcome, record.Continued, record.Attempts, record.DeploymentId, record.ErrorCode));
        var line = simulator.Bill.Lines[0];
        Assert.Equal((line.PromptTokens * 1000) + (line.CompletionTokens * 2000), record.CostNanoUsd);
    }

    [Fact]
    public async Task A_budget_without_room_for_another_call_is_not_overspent()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);

        // The body has some 120 bytes and asks for 500 tokens: 620,000 to 640,000 nano-dollars are held for a call, and a continuation needs more.
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              broken: { Deployment("openai", Text + "&endAfter=5", 1, 1) }
              good: { Deployment("openai", Text, 1, 1) }
            """, "r: { targets: [broken, good], onCut: continue }", ", budgets: [small]", "budgets: { small: { limitUsd: 0.001, window: month } }"));
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync(caller, edge, "r");
        await BrokenAsync(caller, response);
        Assert.Single(simulator.Received);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.InRange(record.CostNanoUsd, 1, 1_000_000);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_second_leg_too()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml(simulator, $"""
              broken: { Deployment("openai", "tokens=1000&resume=1&endAfter=5") }
              good: { Deployment("openai", "tokens=1000&resume=1&rate=20") }
            """, "r: { targets: [broken, good], onCut: continue }"));
        using (var response = await AskAsync(new Caller(DialectId.OpenAIChat), edge, "r"))
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[2000], TestContext.Current.CancellationToken);
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.ClientCancelled, true, 2), (record.Outcome, record.Continued, record.Attempts));
        await Eventually.TrueAsync(() => simulator.Stats.Active == 0, "the second leg goes on");
    }

    [Fact]
    public void A_second_leg_may_end_with_tool_calls_and_its_thoughts_are_left_out()
    {
        var legs = new StreamLegs();
        var events = new List<ChatEvent>();
        void Pass(ChatEventKind kind, int part = 0, PartKind of = PartKind.Text, string? text = null) => legs.Pass(new ChatEvent { Kind = kind, Part = part, PartKind = of, Text = text }, events);
        Pass(ChatEventKind.Start);
        Pass(ChatEventKind.PartStart, 0, PartKind.Reasoning);
        Assert.False(legs.CanContinue);
        Pass(ChatEventKind.PartEnd, 0, PartKind.Reasoning);
        Pass(ChatEventKind.PartStart, 1);
        Pass(ChatEventKind.Delta, 1, PartKind.Text, "I shall look");
        Assert.True(legs.CanContinue);
        legs.Begin(new TokenCounts { Input = 3, Output = 4 }, prefilled: false);
        Pass(ChatEventKind.Start);
        Pass(ChatEventKind.PartStart, 0, PartKind.Reasoning);
        Pass(ChatEventKind.Delta, 0, PartKind.Reasoning, "hm");
        Pass(ChatEventKind.PartEnd, 0, PartKind.Reasoning);
        Pass(ChatEventKind.PartStart, 1, PartKind.ToolCall);
        Pass(ChatEventKind.PartEnd, 1, PartKind.ToolCall);
        Pass(ChatEventKind.Finish);
        legs.Pass(new ChatEvent { Kind = ChatEventKind.Usage, Usage = new TokenCounts { Input = 10, Output = 20 } }, events);
        Assert.False(legs.CanContinue);
        Assert.Equal(
            "Start/0 PartStart/0 PartEnd/0 PartStart/1 Delta/1 PartEnd/1 PartStart/2 PartEnd/2 Finish/0 Usage/0",
            string.Join(' ', events.Select(static e => string.Create(CultureInfo.InvariantCulture, $"{e.Kind}/{e.Part}"))));
        Assert.Equal((13, 24), (events[^1].Usage.Input, events[^1].Usage.Output));
    }

    private static string TextOf(List<ChatEvent> events) => string.Concat(events.Where(static e => e is { Kind: ChatEventKind.Delta, PartKind: PartKind.Text }).Select(static e => e.Text));

    private static async Task BrokenAsync(Caller caller, HttpResponseMessage response)
    {
        var (events, isWhole, _) = await caller.EventsAsync(response);
        Assert.False(isWhole);
        Assert.Single(events, static e => e.Kind == ChatEventKind.Error);
        Assert.DoesNotContain(events, static e => e.Kind == ChatEventKind.End);
    }

    private static Task<HttpResponseMessage> AskAsync(Caller caller, EdgeHost edge, string model)
    {
        var body = caller.Body(model, "hello there", stream: true);
        return edge.PostAsync(caller.Path(model, stream: true), caller.Dialect.Id == DialectId.OpenAIChat ? body.Insert(1, "\"stream_options\":{\"include_usage\":true},") : body);
    }

    private static string Deployment(string provider, string knobs, int input = 1, int output = 1) =>
        $$"""{ provider: {{provider}}, model: "sim?{{knobs}}", price: { version: test, inputPerMillion: {{input}}, outputPerMillion: {{output}} } }""";

    private static string Yaml(SimulatorHost simulator, string deployments, string routes, string keyMore = "", string more = "") => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          openai: { kind: openai, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
          anthropic: { kind: anthropic, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
        deployments:
        {{deployments.Replace("              ", "  ", StringComparison.Ordinal)}}
        routes:
          {{routes}}
        keys:
          main: { value: {{EdgeHost.Key}} {{keyMore}} }
        settings: { health: { cooldownAfter: 1000, breakerMinimumCalls: 100000 } }
        {{more}}
        """;
}
