using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;

namespace Gateway.Edge.Tests.Tools.RealHub;

/// <summary>Agent mode over the real hub: policies, guardrails, approvals, prices and the log are those of any call.</summary>
[Collection(HubAndEdge.Collection)]
public sealed class RealHubTests(HubAndEdge gateway)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<DialectId, bool> Callers
    {
        get
        {
            var all = new TheoryData<DialectId, bool>();
            foreach (var dialect in (DialectId[])[DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini])
            {
                all.Add(dialect, false);
                all.Add(dialect, true);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Calls_of_one_turn_run_beside_each_other_and_the_answer_is_that_of_the_last_turn(DialectId dialect, bool stream)
    {
        var (key, caller) = (gateway.NextKey(), new Caller(dialect));
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        gateway.Tools.Acts["left"] = gateway.Tools.Acts["right"] = async (_, gone) =>
        {
            if (Interlocked.Increment(ref waiting) == 2)
            {
                both.SetResult();
            }

            await both.Task.WaitAsync(gone);
            return HubAndEdge.Result("what came of it");
        };
        using var response = await AskAsync(key, caller, stream, "s/left, s/right", "openai?tools=2&tokens=4");
        var answer = await AnswerAsync(caller, response, stream);

        Assert.NotEqual("", Caller.Text(answer).Trim());
        Assert.Empty(answer.Choices[0].Parts.OfType<ToolCallPart>());
        Assert.Equal(FinishReason.Stop, answer.Choices[0].Finish);
        Assert.Contains("what came of it", gateway.Simulator.Received[^1].BodyText, StringComparison.Ordinal);
        var records = await gateway.RecordsAsync(key, 4);
        Assert.Equal(2, records.Count(static r => r.Operation == Operation.Chat));
        Assert.All(records, static r => Assert.Equal(RequestOutcome.Completed, r.Outcome));
        Assert.Equal([HubAndEdge.Price, HubAndEdge.Price], records.Where(static r => r.Operation == Operation.McpTool).Select(static r => r.CostNanoUsd));
        var rows = await gateway.RowsAsync(key, 2);
        Assert.All(rows, static r => Assert.Equal((McpCallOutcome.Done, McpCallOrigin.Agent, HubAndEdge.Price), (r.Outcome, r.Origin, r.PriceNanoUsd)));
        Assert.Single(rows.Select(static r => r.SessionId).Distinct());
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat, false)]
    [InlineData(DialectId.Anthropic, true)]
    [InlineData(DialectId.OpenAIResponses, false)]
    public async Task A_call_that_waits_for_approval_is_handed_back_and_is_made_once_it_was_given(DialectId dialect, bool stream)
    {
        var (key, caller) = (gateway.NextKey(), new Caller(dialect));
        const string model = "openai?tools=2&tokens=4";
        using var first = await AskAsync(key, caller, stream, "s/done, s/waits", model);
        var answer = await AnswerAsync(caller, first, stream);
        Assert.Equal(["s__done", "s__waits"], answer.Choices[0].Parts.OfType<ToolCallPart>().Select(static c => c.Name).Order(StringComparer.Ordinal));
        Assert.Equal(FinishReason.ToolCalls, answer.Choices[0].Finish);

        var (digest, (ask, _)) = Assert.Single(gateway.Governance.Approvals, a => a.Value.Ask.KeyId == key);
        gateway.Governance.Approvals[digest] = (ask, ApprovalStatus.Approved);
        var (_, request) = AgentHarness.Neutral(caller, model, stream);
        var said = new ChatMessage(ChatRole.Assistant);
        said.Parts.AddRange(answer.Choices[0].Parts);
        using var second = await gateway.SendAsync(key, caller.Path(model, stream), AgentHarness.Written(caller, request.With(said), model), "s/done, s/waits", cancellation: Cancel);
        Assert.NotEqual("", Caller.Text(await AnswerAsync(caller, second, stream)));

        // Of the calls each was made and charged once.
        var rows = await gateway.RowsAsync(key, 3);
        Assert.Equal(["done", "waits"], rows.Where(static r => r.Outcome == McpCallOutcome.Done).Select(static r => r.Tool).Order(StringComparer.Ordinal));
        Assert.Equal(McpCallOutcome.Unapproved, Assert.Single(rows, static r => r.Outcome != McpCallOutcome.Done).Outcome);
        Assert.Equal(2 * HubAndEdge.Price, (await gateway.RecordsAsync(key, 5)).Sum(static r => r.CostNanoUsd));
    }

    [Theory]
    [InlineData("turns=2", "turns=2; calls=1; stop=turns")]
    [InlineData("usd=0.001", "turns=2; calls=1; stop=cost")]
    public async Task Turns_and_cost_end_the_loop_and_the_calls_left_are_handed_back(string limit, string summary)
    {
        var (key, caller) = (gateway.NextKey(), new Caller(DialectId.OpenAIChat));
        using var response = await AskAsync(key, caller, stream: false, "s/done", "openai?tools=1&toolsAgain=1", limit);
        var answer = await caller.AnswerAsync(response);
        Assert.Single(answer.Choices[0].Parts.OfType<ToolCallPart>());
        Assert.Equal(summary, Assert.Single(response.Headers.GetValues("x-gateway-agent")));
        Assert.Equal(HubAndEdge.Price, (await gateway.RecordsAsync(key, 3)).Sum(static r => r.CostNanoUsd));
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat, false)]
    [InlineData(DialectId.Anthropic, true)]
    [InlineData(DialectId.Gemini, false)]
    public async Task When_the_time_is_up_the_call_under_way_ends_at_its_server(DialectId dialect, bool stream)
    {
        var (key, caller) = (gateway.NextKey(), new Caller(dialect));
        using var response = await AskAsync(key, caller, stream, "s/endless", "openai?tools=1", "seconds=1");
        var answer = await AnswerAsync(caller, response, stream);
        Assert.Equal("s__endless", Assert.Single(answer.Choices[0].Parts.OfType<ToolCallPart>()).Name);
        var row = Assert.Single(await gateway.RowsAsync(key, 1));
        Assert.Equal((McpCallOutcome.Cancelled, HubAndEdge.Price), (row.Outcome, row.PriceNanoUsd));
        Assert.Equal(HubAndEdge.Price, (await gateway.RecordsAsync(key, 2)).Sum(static r => r.CostNanoUsd));
    }

    [Fact]
    public async Task A_caller_who_leaves_stops_the_call_at_its_server()
    {
        var (key, caller) = (gateway.NextKey(), new Caller(DialectId.OpenAIChat));
        var (begun, ended) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        gateway.Tools.Acts["left"] = async (_, gone) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.TrySetResult();
            return null;
        };
        using var leaving = new CancellationTokenSource();
        var body = caller.Body("openai?tools=1", "hello", stream: true);
        var asked = Task.Run(
            async () =>
            {
                using var response = await gateway.SendAsync(key, caller.Path("openai", stream: true), body, "s/left", cancellation: leaving.Token);
                await response.Content.ReadAsStringAsync(leaving.Token);
            },
            Cancel);
        await begun.Task.WaitAsync(Cancel);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await ended.Task.WaitAsync(Cancel);
        Assert.Equal(McpCallOutcome.Cancelled, Assert.Single(await gateway.RowsAsync(key, 1)).Outcome);
        var record = Assert.Single(await gateway.RecordsAsync(key, 2), static r => r.Operation == Operation.McpTool);
        Assert.Equal((RequestOutcome.ClientCancelled, HubAndEdge.Price), (record.Outcome, record.CostNanoUsd));
    }

    [Fact]
    public async Task A_budget_holds_over_all_turns_and_the_model_is_told_of_a_call_that_it_refused()
    {
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync("poor", caller, stream: false, "s/done", "openai?tools=1&toolsAgain=1", "turns=4");
        Assert.Single((await caller.AnswerAsync(response)).Choices[0].Parts.OfType<ToolCallPart>());
        var records = await gateway.RecordsAsync("poor", 7);
        Assert.Equal(2 * HubAndEdge.Price, records.Sum(static r => r.CostNanoUsd));
        Assert.Equal("budget_exceeded", Assert.Single(records, static r => r.Outcome == RequestOutcome.Rejected).ErrorCode);
        Assert.Contains("The call was not made", gateway.Simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Equal(2, (await gateway.RowsAsync("poor", 2)).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_tool_gives_goes_through_the_guardrails_of_the_next_turn(bool stream)
    {
        var (key, caller) = (gateway.NextKey(), new Caller(DialectId.Anthropic));
        var before = gateway.Simulator.Received.Count;
        using var response = await AskAsync(key, caller, stream, "s/falcon", "openai?tools=1");
        Assert.Equal(stream ? 200 : 400, (int)response.StatusCode);
        Assert.Contains(stream ? "event: error" : "content_blocked", await AgentHarness.RawAsync(response), StringComparison.Ordinal);
        Assert.Equal(before + 1, gateway.Simulator.Received.Count);
        Assert.Equal("content_blocked", (await gateway.RecordsAsync(key, 3))[^1].ErrorCode);
    }

    private Task<HttpResponseMessage> AskAsync(string key, Caller caller, bool stream, string tools, string model, string agent = "on") =>
        gateway.SendAsync(key, caller.Path(model, stream), caller.Body(model, "hello there", stream), tools, agent, Cancel);

    private static Task<ChatAnswer> AnswerAsync(Caller caller, HttpResponseMessage response, bool stream) => stream ? caller.StreamedAsync(response) : caller.AnswerAsync(response);
}
