using Gateway.Contracts.Mcp;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Gateway.Edge.Tests.Tools.RealHub;

/// <summary>Every ending of a call settles it once, at /mcp and in agent mode alike, and the log of calls says the same as the bill: what may have run is charged, what certainly did not is not.</summary>
[Collection(HubAndEdge.Collection)]
public sealed class ChargeTests(HubAndEdge gateway)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, McpCallOutcome, long> Endings => new()
    {
        { "done", McpCallOutcome.Done, HubAndEdge.Price },
        { "fails", McpCallOutcome.ToolError, HubAndEdge.Price },
        { "error", McpCallOutcome.ToolError, 0 },
        { "malformed", McpCallOutcome.Failed, HubAndEdge.Price },
        { "slow", McpCallOutcome.TimedOut, HubAndEdge.Price },
        { "word", McpCallOutcome.Guarded, 0 },
        { "said", McpCallOutcome.Guarded, HubAndEdge.Price },
        { "forbidden", McpCallOutcome.Refused, 0 },
        { "waits", McpCallOutcome.Unapproved, 0 },
        { "forged", McpCallOutcome.Done, HubAndEdge.Price },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task At_mcp(string tool, McpCallOutcome outcome, long cost)
    {
        var key = gateway.NextKey();
        await using (var client = await gateway.ConnectAsync(key))
        {
            try
            {
                var arguments = tool is "word" or "forbidden" ? new Dictionary<string, object?> { ["word"] = HubAndEdge.Word } : [];
                var result = await client.CallToolAsync("s__" + tool, arguments, cancellationToken: Cancel);
                Assert.DoesNotContain(HubAndEdge.Word, Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text, StringComparison.Ordinal);
                Assert.True(tool != "forged" || (result.Meta!.ContainsKey("kept") && result.Meta.Count == 1));
            }
            catch (McpException)
            {
                // An ending as good as any.
            }
        }

        await CheckAsync(key, 1, outcome, McpCallOrigin.Direct, cost);
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task In_agent_mode(string tool, McpCallOutcome outcome, long cost)
    {
        var (key, caller) = (gateway.NextKey(), new Caller(DialectId.OpenAIChat));
        using var response = await gateway.SendAsync(key, caller.Path("openai", stream: false), caller.Body("openai?tools=1&tokens=3", "hello", stream: false), "s/" + tool, cancellation: Cancel);
        await caller.AnswerAsync(response);
        Assert.DoesNotContain("The word is " + HubAndEdge.Word, gateway.Simulator.Received[^1].BodyText, StringComparison.Ordinal);
        await CheckAsync(key, tool == "waits" ? 2 : 3, outcome, McpCallOrigin.Agent, cost);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_costs_nothing()
    {
        var key = gateway.NextKey();
        await using var client = await gateway.ConnectAsync(key);
        await Assert.ThrowsAnyAsync<McpException>(async () => await client.CallToolAsync("s__nothing", cancellationToken: Cancel));
        Assert.Equal(0, Assert.Single(await gateway.RecordsAsync(key, 1)).CostNanoUsd);
    }

    [Fact]
    public async Task A_caller_who_leaves_pays_for_the_call_that_may_have_run()
    {
        var key = gateway.NextKey();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Tools.Acts["left"] = async (_, gone) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        };
        await using var client = await gateway.ConnectAsync(key);
        using var leaving = new CancellationTokenSource();
        var asked = client.CallToolAsync("s__left", cancellationToken: leaving.Token);
        await begun.Task.WaitAsync(Cancel);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await asked);
        await CheckAsync(key, 1, McpCallOutcome.Cancelled, McpCallOrigin.Direct, HubAndEdge.Price);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hub_that_is_killed_in_a_call_leaves_one_charge_and_one_that_is_gone_none(bool isAgent)
    {
        await using var own = new HubAndEdge();
        await own.InitializeAsync();
        var (key, caller) = (own.NextKey(), new Caller(DialectId.OpenAIChat));
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        own.Tools.Acts["left"] = async (_, gone) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        };
        await using var client = isAgent ? null : await own.ConnectAsync(key);
        var asked = AskAsync();
        await begun.Task.WaitAsync(Cancel);
        await own.KillHubAsync();
        await asked;
        var call = Assert.Single(await own.RecordsAsync(key, isAgent ? 3 : 1), static r => r.Operation == Operation.McpTool);
        Assert.Equal((HubAndEdge.Price, RequestOutcome.UpstreamUnavailable), (call.CostNanoUsd, call.Outcome));
        if (!isAgent)
        {
            // Nothing listens there any more.
            await AskAsync();
            Assert.Equal(HubAndEdge.Price, (await own.RecordsAsync(key, 2)).Sum(static r => r.CostNanoUsd));
        }

        async Task AskAsync()
        {
            if (client is null)
            {
                using var response = await own.SendAsync(key, caller.Path("openai", stream: false), caller.Body("openai?tools=1&tokens=3", "hello", stream: false), "s/left", cancellation: Cancel);
                await caller.AnswerAsync(response);
                return;
            }

            await Assert.ThrowsAnyAsync<Exception>(async () => await client.CallToolAsync("s__left", cancellationToken: Cancel));
        }
    }

    private async Task CheckAsync(string key, int records, McpCallOutcome outcome, McpCallOrigin origin, long cost)
    {
        var row = Assert.Single(await gateway.RowsAsync(key, 1));
        Assert.Equal((outcome, origin, cost), (row.Outcome, row.Origin, row.PriceNanoUsd));
        var call = Assert.Single(await gateway.RecordsAsync(key, records), static r => r.Operation == Operation.McpTool);
        Assert.Equal(cost, call.CostNanoUsd);
    }
}
