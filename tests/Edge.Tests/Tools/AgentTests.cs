using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;
using static Gateway.Edge.Tests.Tools.AgentHarness;

namespace Gateway.Edge.Tests.Tools;

public sealed class AgentTests
{
    public static TheoryData<DialectId, string, bool> Combinations
    {
        get
        {
            var all = new TheoryData<DialectId, string, bool>();
            foreach (var caller in (DialectId[])[DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini, DialectId.BedrockConverse, DialectId.Cohere])
            {
                foreach (var provider in (string[])["openai", "anthropic", "gemini"])
                {
                    all.Add(caller, provider, false);
                    all.Add(caller, provider, true);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Calls_are_run_and_the_answer_is_that_of_the_last_turn(DialectId dialect, string provider, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(dialect);
        using var response = await AskAsync(caller, edge, $"{provider}?tools=2&tokens=5", stream, "*");
        var answer = stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response);

        var choice = Assert.Single(answer.Choices);
        Assert.NotEqual("", Caller.Text(answer).Trim());
        Assert.Empty(choice.Parts.OfType<ToolCallPart>());
        Assert.Equal(FinishReason.Stop, choice.Finish);
        Assert.Equal(["files__read", "web__search"], hub.Calls.Select(static c => c.Name).Order(StringComparer.Ordinal));
        Assert.All(hub.Calls, static c => Assert.Equal("main", c.Caller.KeyId));
        Assert.Single(hub.Calls.Select(static c => c.Caller.SessionId).Distinct());
        Assert.Contains("2", response.Headers.GetValues("x-gateway-mcp-tools"));

        // The second turn had the results; usage is that of both turns.
        var records = await edge.RecordsAsync(4);
        var turns = records.Where(static r => r.Operation == Operation.Chat).ToList();
        Assert.Equal(2, turns.Count);
        Assert.Equal(["mcp:files/read", "mcp:web/search"], records.Where(static r => r.Operation == Operation.McpTool).Select(static r => r.Model).Order(StringComparer.Ordinal));
        Assert.All(records, static r => Assert.Equal(RequestOutcome.Completed, r.Outcome));
        Assert.Contains("result of files__read", LastRequest(simulator), StringComparison.Ordinal);
        if (answer.Usage is { } usage)
        {
            Assert.Equal(turns.Sum(static t => t.Tokens.Output), usage.Output);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_agent_mode_the_call_is_returned_to_the_caller(bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.Anthropic);
        using var response = await AskAsync(caller, edge, "openai?tools=1", stream, "files/*, web", agent: null);
        var answer = stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response);

        Assert.Equal("files__read", Assert.Single(answer.Choices[0].Parts.OfType<ToolCallPart>()).Name);
        Assert.Equal(FinishReason.ToolCalls, answer.Choices[0].Finish);
        Assert.Empty(hub.Calls);
        Assert.Equal(["files/*", "web"], Assert.Single(hub.Lists).Patterns);
        await edge.RecordsAsync(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_of_the_callers_own_tool_hands_the_whole_turn_back_and_the_loop_goes_on_with_his_result(bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        hub.Tools.RemoveAt(1);
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.OpenAIChat);
        using var first = await SendAsync(edge, caller.Path("m", stream), caller.Body("openai?tools=2&tokens=4", "hello", stream, tools: true), "files");
        var answer = stream ? await caller.StreamedAsync(first) : await caller.AnswerAsync(first);
        var calls = answer.Choices[0].Parts.OfType<ToolCallPart>().ToList();
        Assert.Equal(["weather", "files__read"], calls.Select(static c => c.Name));
        Assert.Empty(hub.Calls);

        var body = JsonNode.Parse(caller.Body("openai?tools=2&tokens=4", "hello", stream, tools: true))!;
        var messages = body["messages"]!.AsArray();
        messages.Add(new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["tool_calls"] = new JsonArray([.. calls.Select(static c => new JsonObject { ["id"] = c.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = c.Name, ["arguments"] = c.Arguments } })]),
        });
        messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = calls[0].Id, ["content"] = "sunny" });
        using var second = await SendAsync(edge, caller.Path("m", stream), body.ToJsonString(), "files");
        var final = stream ? await caller.StreamedAsync(second) : await caller.AnswerAsync(second);

        Assert.NotEqual("", Caller.Text(final));
        Assert.Equal("files__read", Assert.Single(hub.Calls).Name);
        Assert.Contains("sunny", LastRequest(simulator), StringComparison.Ordinal);
        Assert.Contains("result of files__read", LastRequest(simulator), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat, false)]
    [InlineData(DialectId.Anthropic, true)]
    [InlineData(DialectId.OpenAIResponses, true)]
    public async Task A_call_that_waits_for_approval_is_handed_back_and_nothing_is_done_twice(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        var isApproved = false;
        hub.Answer = (q, _) => Task.FromResult(q.Name == "web__search" && !isApproved
            ? new HubCallAnswer { Outcome = McpCallOutcome.Unapproved, ApprovalId = "ap-1", Reason = "waits" }
            : FakeHub.Done($"done {q.Name}"));
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(dialect);
        var model = "openai?tools=2&tokens=4";
        using var first = await AskAsync(caller, edge, model, stream, "*");
        var answer = stream ? await caller.StreamedAsync(first) : await caller.AnswerAsync(first);
        Assert.Equal(2, answer.Choices[0].Parts.OfType<ToolCallPart>().Count());
        Assert.Equal(FinishReason.ToolCalls, answer.Choices[0].Finish);
        if (!stream)
        {
            Assert.Contains("approval=ap-1", Assert.Single(first.Headers.GetValues("x-gateway-agent")), StringComparison.Ordinal);
        }

        isApproved = true;
        Assert.NotEqual("", Caller.Text(await SendAgainAsync(caller, edge, model, stream, answer)));
        Assert.Single(hub.Calls, static c => c.Name == "files__read");
        Assert.Equal(2, hub.Calls.Count(static c => c.Name == "web__search"));
        Assert.Contains("done files__read", LastRequest(simulator), StringComparison.Ordinal);
        Assert.Contains("done web__search", LastRequest(simulator), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_tool_gives_is_guarded_before_the_model_sees_it(bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        hub.Answer = static (_, _) => Task.FromResult(FakeHub.Done("all about project falcon"));
        await using var edge = await StartAsync(simulator, hub, more: "settings: { blockedTerms: [ \"project falcon\" ] }");
        var caller = new Caller(DialectId.Anthropic);
        using var response = await AskAsync(caller, edge, "anthropic?tools=1", stream, "*");
        var raw = await RawAsync(response);
        Assert.Equal(stream ? 200 : 400, (int)response.StatusCode);
        Assert.Contains(stream ? "event: error" : "content_blocked", raw, StringComparison.Ordinal);
        Assert.Single(simulator.Received);
        var records = await edge.RecordsAsync(3);
        Assert.Equal("content_blocked", records[^1].ErrorCode);
    }

    [Fact]
    public async Task Without_a_hub_the_request_is_served_without_tools_and_a_header_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub);
        await hub.DisposeAsync();
        var caller = new Caller(DialectId.OpenAIChat);
        using var response = await AskAsync(caller, edge, "openai?tools=2&tokens=4", stream: false, "*");
        Assert.NotEqual("", Caller.Text(await caller.AnswerAsync(response)));
        Assert.Equal("unavailable", Assert.Single(response.Headers.GetValues("x-gateway-mcp-tools")));
    }

    [Fact]
    public async Task A_tool_that_fails_is_an_error_for_the_model_and_not_for_the_caller()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        hub.Answer = static (_, _) => Task.FromResult(new HubCallAnswer { Outcome = McpCallOutcome.Refused, Reason = "A policy forbids this call." });
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.Anthropic);
        using var response = await AskAsync(caller, edge, "anthropic?tools=1&tokens=4", stream: true, "*");
        Assert.NotEqual("", Caller.Text(await caller.StreamedAsync(response)));
        Assert.Contains("A policy forbids this call.", LastRequest(simulator), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_one_turn_run_beside_each_other()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        hub.Answer = async (q, cancelled) =>
        {
            if (Interlocked.Increment(ref waiting) == 4)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(cancelled);
            return FakeHub.Done(q.Name);
        };
        await using var edge = await StartAsync(simulator, hub);
        var caller = new Caller(DialectId.Gemini);
        using var response = await AskAsync(caller, edge, "gemini?tools=4&tokens=3", stream: true, "*");
        Assert.NotEqual("", Caller.Text(await caller.StreamedAsync(response)));
        Assert.Equal(4, hub.Calls.Count);
    }

    [Theory]
    [InlineData("x-gateway-mcp", "a b/c")]
    [InlineData("x-gateway-agent", "turns=many")]
    public async Task Headers_that_say_nothing_are_refused(string name, string value)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var hub = await FakeHub.StartAsync();
        await using var edge = await StartAsync(simulator, hub);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat("openai"), Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-gateway-mcp", name == "x-gateway-mcp" ? value : "*");
        if (name != "x-gateway-mcp")
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var error = await EdgeHost.ErrorAsync(response, 400, "invalid_value");
        Assert.Equal(name, error["param"]!.GetValue<string>());
    }
}
