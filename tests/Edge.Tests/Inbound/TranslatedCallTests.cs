using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>Every caller's dialect against a provider that speaks OpenAI's.</summary>
public sealed class TranslatedCallTests
{
    public static TheoryData<DialectId> Dialects => [.. Callers];

    public static TheoryData<DialectId> WithTools => [.. Callers.Where(static d => d != DialectId.OpenAICompletions)];

    private static IEnumerable<DialectId> Callers => [DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini, DialectId.BedrockConverse, DialectId.Cohere];

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_plain_answer_comes_in_the_callers_dialect(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "sim?text=one%20two%20three&cached=1&reasoning=2");
        var answer = await caller.AnswerAsync(response);
        Assert.Equal("one two three", Caller.Text(answer).Trim());
        Assert.Equal(FinishReason.Stop, answer.Choices[0].Finish);
        Assert.Equal("/v1/chat/completions", Assert.Single(simulator.Received).Path);
        Assert.Contains("hello there", simulator.Received[0].BodyText, StringComparison.Ordinal);
        Assert.Equal(500, (JsonNode.Parse(simulator.Received[0].BodyText)!["max_tokens"] ?? JsonNode.Parse(simulator.Received[0].BodyText)!["max_completion_tokens"])!.GetValue<int>());

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.Completed, record.Outcome);
        Assert.False(record.Estimated);
        Assert.Equal(record.Tokens.Input + record.Tokens.CacheRead, answer.Usage!.Value.Input + answer.Usage.Value.CacheRead);
        Assert.Equal(record.Tokens.Output + record.Tokens.Reasoning, answer.Usage.Value.Output + answer.Usage.Value.Reasoning);
        Assert.Equal("sim?text=one%20two%20three&cached=1&reasoning=2", record.Model);
        Assert.True(record.CostNanoUsd > 0);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_stream_comes_in_the_callers_dialect_however_it_is_cut(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        foreach (var chunk in (int[])[0, 1, 7])
        {
            using var response = await caller.AskAsync(edge, $"sim?text=one%20two%20three&comments=1&chunk={chunk}", stream: true);
            var answer = await caller.StreamedAsync(response);
            Assert.Equal("one two three", Caller.Text(answer).Trim());
            Assert.Equal(FinishReason.Stop, answer.Choices[0].Finish);
        }

        Assert.All(await edge.RecordsAsync(3), static record =>
        {
            Assert.Equal(RequestOutcome.Completed, record.Outcome);
            Assert.False(record.Estimated);
            Assert.True(record.Stream);
            Assert.True(record.Tokens.Output > 0);
        });
    }

    [Theory]
    [MemberData(nameof(WithTools))]
    public async Task Tool_calls_come_whole_and_apart(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        using var plain = await caller.AskAsync(edge, "sim?tools=2", tools: true);
        using var stream = await caller.AskAsync(edge, "sim?tools=2", stream: true, tools: true);
        foreach (var answer in (ChatAnswer[])[await caller.AnswerAsync(plain), await caller.StreamedAsync(stream)])
        {
            var calls = answer.Choices[0].Parts.OfType<ToolCallPart>().ToList();
            Assert.Equal(2, calls.Count);
            Assert.All(calls, static call =>
            {
                Assert.Equal("weather", call.Name);
                Assert.NotNull(JsonNode.Parse(call.Arguments)!["city"]);
            });
            Assert.Equal(FinishReason.ToolCalls, answer.Choices[0].Finish);
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_providers_error_keeps_its_meaning(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        foreach (var stream in (bool[])[false, true])
        {
            using var wrong = await caller.AskAsync(edge, "sim?status=400", stream);
            Assert.Equal(ChatErrorKind.InvalidRequest, (await caller.ErrorAsync(wrong, 400)).Kind);
            using var absent = await caller.AskAsync(edge, "sim?status=404", stream);
            Assert.Equal(ChatErrorKind.NotFound, (await caller.ErrorAsync(absent, 404)).Kind);
        }

        using var limited = await caller.AskAsync(edge, "sim?status=429&retryAfter=7");
        Assert.Equal(ChatErrorKind.RateLimit, (await caller.ErrorAsync(limited, 429)).Kind);
        Assert.NotNull(limited.Headers.RetryAfter);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_stream_that_breaks_ends_with_an_error_event_of_the_dialect(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        string[] faults = ["cut=900", "noDone=1", "malformed=3", "endAfter=2", "streamError=3"];
        foreach (var fault in faults)
        {
            using var response = await caller.AskAsync(edge, $"sim?tokens=20&{fault}", stream: true);
            var (events, isWhole, isBroken) = await caller.EventsAsync(response);
            Assert.True(caller.BreaksOff(fault) == isBroken, fault);
            Assert.False(isWhole, fault);
            Assert.Single(events, static e => e.Kind == ChatEventKind.Error);
            Assert.DoesNotContain(events, static e => e.Kind == ChatEventKind.End);
        }

        var records = await edge.RecordsAsync(faults.Length);
        Assert.Equal(4, records.Count(static r => r.Outcome == RequestOutcome.UpstreamCut));
        Assert.Equal(1, records.Count(static r => r.Outcome == RequestOutcome.UpstreamError));
        Assert.All(records, static r => Assert.True(r.CostNanoUsd > 0));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_stream_cut_at_any_byte_never_looks_whole(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        var cuts = 0;
        for (var cut = 1; cut < 700; cut += 41)
        {
            cuts++;
            using var response = await caller.AskAsync(edge, $"sim?tokens=4&seed=3&cut={cut}", stream: true);
            if (response.IsSuccessStatusCode)
            {
                var (_, isWhole, isBroken) = await caller.EventsAsync(response);
                Assert.True(isBroken == caller.BreaksOff("cut") && !isWhole, $"cut={cut}");
            }
        }

        await edge.RecordsAsync(cuts);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_caller_who_leaves_is_recorded_once(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var response = await new Caller(dialect).AskAsync(edge, "sim?tokens=1000&rate=20", stream: true))
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[300], TestContext.Current.CancellationToken);
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.ClientCancelled, record.Outcome);
        Assert.Equal(499, record.Status);
        await Eventually.TrueAsync(() => simulator.Stats.Active == 0, "the provider's stream goes on");
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_stream_whose_first_event_is_an_error_is_an_error_answer(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "sim?streamError=1", stream: true);
        Assert.True((int)response.StatusCode >= 400, response.StatusCode.ToString());
        await caller.ErrorAsync(response, (int)response.StatusCode);
        Assert.Equal(RequestOutcome.UpstreamError, Assert.Single(await edge.RecordsAsync(1)).Outcome);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Whoever_is_refused_is_told_in_the_own_dialect(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(
            simulator,
            "settings: { blockedTerms: [ \"project falcon\" ] }");
        var caller = new Caller(dialect);
        foreach (var stream in (bool[])[false, true])
        {
            using var blocked = await caller.AskAsync(edge, "sim", stream, "the Project FALCON plan");
            await caller.ErrorAsync(blocked, 400);
            using var unknown = await caller.AskAsync(edge, "no-such-model", stream);
            await caller.ErrorAsync(unknown, 404);
            using var malformed = await edge.PostAsync(caller.Path("sim", stream), "{\"messages\":");
            await caller.ErrorAsync(malformed, 400);
            using var stranger = new HttpClient { BaseAddress = edge.Address };
            stranger.DefaultRequestHeaders.Add("x-api-key", "gw-nobody");
            using var refused = await stranger.PostAsync(new Uri(caller.Path("sim", stream), UriKind.Relative), new StringContent(caller.Body("sim", "x", stream), null, "application/json"), TestContext.Current.CancellationToken);
            Assert.Equal(ChatErrorKind.Authentication, (await caller.ErrorAsync(refused, 401)).Kind);
        }

        Assert.Empty(simulator.Received);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Budgets_and_limits_hold_in_every_dialect(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var poor = await EdgeHost.StartAsync(simulator, "budgets: { small: { limitUsd: 0.0000001, window: month } }", ", budgets: [small]");
        var caller = new Caller(dialect);
        using var broke = await caller.AskAsync(poor, "sim");
        await caller.ErrorAsync(broke, 402);
        Assert.Empty(simulator.Received);

        await using var slow = await EdgeHost.StartAsync(simulator, keyMore: ", limits: { requestsPerMinute: 1 }");
        using var first = await caller.AskAsync(slow, "sim");
        await caller.AnswerAsync(first);
        using var second = await caller.AskAsync(slow, "sim", stream: true);
        Assert.Equal(ChatErrorKind.RateLimit, (await caller.ErrorAsync(second, 429)).Kind);
        Assert.NotNull(second.Headers.RetryAfter);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_page_in_place_of_a_stream_is_an_error_of_the_provider(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "sim?html=1", stream: true);
        await caller.ErrorAsync(response, 502);
    }
}
