using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;
using static Gateway.Edge.Tests.Tools.AgentHarness;

namespace Gateway.Edge.Tests.Tools;

/// <summary>What ends agent mode before the model is done: turns, time, cost, a budget, the caller.</summary>
public sealed class AgentLimitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_last_turn_allowed_the_calls_are_handed_back(bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync(caller, edge, "openai?tools=1&toolsAgain=1", stream, "*", agent: "turns=3");
        var raw = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, hub.Calls.Count);
        Assert.Equal(5, (await edge.RecordsAsync(5)).Count);
        Assert.Contains("\"tool_calls\"", raw, StringComparison.Ordinal);
        if (stream)
        {
            Assert.Contains(": x-gateway-agent turns=3; calls=2; stop=turns\n\n", raw, StringComparison.Ordinal);
            Assert.EndsWith("data: [DONE]\n\n", raw, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("turns=3; calls=2; stop=turns", Assert.Single(response.Headers.GetValues("x-gateway-agent")));
        }
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat, false)]
    [InlineData(DialectId.OpenAIChat, true)]
    [InlineData(DialectId.Anthropic, true)]
    public async Task A_budget_that_is_used_up_between_turns_ends_the_loop_and_nothing_is_overspent(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub, keyMore: ", budgets: [b]", more: "budgets: { b: { limitUsd: 0.002, window: total } }");
        var caller = new Caller(dialect);
        using var response = await AskAsync(caller, edge, "openai?tools=1&toolsAgain=1", stream, "*", agent: "turns=90");
        var raw = await RawAsync(response);
        if (!stream)
        {
            Assert.Equal(402, (int)response.StatusCode);
            Assert.Contains("budget_exceeded", raw, StringComparison.Ordinal);
        }
        else if (dialect == DialectId.Anthropic)
        {
            Assert.Contains("event: error", raw, StringComparison.Ordinal);
        }

        var records = await AllRecordsAsync(edge, hub);
        Assert.True(records.Sum(static r => r.CostNanoUsd) <= 2_000_000);
        Assert.Equal("budget_exceeded", records.Last(static r => r.Operation == Operation.Chat).ErrorCode);
    }

    [Fact]
    public async Task Once_the_cost_allowed_is_reached_calls_are_handed_back_unmade()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync(caller, edge, "openai?tools=1", stream: false, "*", agent: "usd=0.000000001");
        var answer = await caller.AnswerAsync(response);
        Assert.Single(answer.Choices[0].Parts.OfType<ToolCallPart>());
        Assert.Empty(hub.Calls);
        Assert.Equal("turns=1; calls=0; stop=cost", Assert.Single(response.Headers.GetValues("x-gateway-agent")));
    }

    [Fact]
    public async Task A_caller_who_leaves_while_a_tool_runs_ends_the_call_at_the_hub()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Answer = async (_, cancelled) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancelled);
            }
            finally
            {
                ended.SetResult();
            }

            return FakeHub.Done("never");
        };
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.OpenAIChat);
        using var leaving = new CancellationTokenSource();
        var request = Request(caller.Path("m", true), caller.Body("openai?tools=1", "hello", true), "*", "on");
        var asked = edge.Client.SendAsync(request, HttpCompletionOption.ResponseContentRead, leaving.Token);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        var records = await edge.RecordsAsync(2);
        Assert.Equal(RequestOutcome.ClientCancelled, Assert.Single(records, static r => r.Operation == Operation.McpTool).Outcome);
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat, false)]
    [InlineData(DialectId.Anthropic, true)]
    [InlineData(DialectId.Gemini, false)]
    public async Task When_the_time_is_up_calls_under_way_end_and_are_handed_back_and_what_was_run_is_not_run_again(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isSlow = true;
        hub.Answer = async (q, cancelled) =>
        {
            if (isSlow && q.Name == "web__search")
            {
                await Task.Delay(Timeout.Infinite, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ended.TrySetResult();
            }

            return FakeHub.Done($"done {q.Name}");
        };
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(dialect);
        var model = "openai?tools=2&tokens=4";
        using var first = await AskAsync(caller, edge, model, stream, "*", agent: "seconds=1");
        var answer = stream ? await caller.StreamedAsync(first) : await caller.AnswerAsync(first);
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["files__read", "web__search"], answer.Choices[0].Parts.OfType<ToolCallPart>().Select(static c => c.Name).Order(StringComparer.Ordinal));
        Assert.Equal(FinishReason.ToolCalls, answer.Choices[0].Finish);
        if (!stream)
        {
            Assert.Contains("stop=time", Assert.Single(first.Headers.GetValues("x-gateway-agent")), StringComparison.Ordinal);
        }

        // The caller sends the turn again: only the call that did not come to its end is made anew.
        isSlow = false;
        Assert.NotEqual("", Caller.Text(await SendAgainAsync(caller, edge, model, stream, answer)));
        Assert.Single(hub.Calls, static c => c.Name == "files__read");
        Assert.Equal(2, hub.Calls.Count(static c => c.Name == "web__search"));
    }
}
