using Gateway.Contracts.Usage;
using Gateway.Edge.Admission.Budgets;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Estimates;

/// <summary>What calls are charged whose providers worked and never told what they used.</summary>
public sealed class UnreportedUseTests
{
    private const int Cap = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("seen", false)]
    [InlineData("seen", true)]
    [InlineData("bound", false)]
    [InlineData("bound", true)]
    public async Task A_call_that_is_left_before_its_answer_bills_its_prompt(string policy, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, policy);
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var content = new StringContent(Body("sim?latency=600000", stream), System.Text.Encoding.UTF8, "application/json");
        var asked = edge.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, leaves.Token);
        await Eventually.TrueAsync(() => simulator.Stats.Active == 1, "the provider was not asked");
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.ClientCancelled, true), (record.Outcome, record.Estimated));
        AssertUse(record, policy, 0);
        await AssertChargedAsync(edge, record);
    }

    [Theory]
    [InlineData("seen")]
    [InlineData("bound")]
    public async Task A_stream_that_breaks_off_bills_what_came_or_all_that_it_may_have_made(string policy)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, policy);
        using var response = await edge.PostAsync("/v1/chat/completions", Body("sim?tokens=40&endAfter=20", stream: true));
        await ReadAsync(response);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.UpstreamCut, true), (record.Outcome, record.Estimated));
        AssertUse(record, policy, 1);
        await AssertChargedAsync(edge, record);
    }

    [Theory]
    [InlineData("seen")]
    [InlineData("bound")]
    public async Task A_call_that_lost_against_a_faster_one_is_billed_beside_it(string policy)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, policy);
        using var response = await edge.PostAsync("/v1/chat/completions", Body("hedged", stream: false));
        Assert.True(response.IsSuccessStatusCode);
        await response.Content.ReadAsByteArrayAsync(Cancel);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.Completed, true), (record.Outcome, record.Estimated));
        Assert.True(policy == "bound" ? record.Tokens.Output == 5 + Cap : record.Tokens.Output == 5, $"{record.Tokens.Output} tokens");
        await AssertChargedAsync(edge, record);
    }

    [Fact]
    public async Task An_answer_that_came_whole_is_no_more_than_what_came()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "bound");
        using var response = await edge.PostAsync("/v1/chat/completions", Body("sim?tokens=5&usage=0", stream: true));
        await response.Content.ReadAsByteArrayAsync(Cancel);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.Completed, true), (record.Outcome, record.Estimated));
        Assert.InRange(record.Tokens.Output, 1, Cap - 1);
    }

    private static void AssertUse(UsageRecord record, string policy, long leastOutput)
    {
        if (policy == "bound")
        {
            Assert.Equal(Cap, record.Tokens.Output);
            Assert.True(record.Tokens.Input >= Body("sim", true).Length, $"{record.Tokens.Input} tokens");
        }
        else
        {
            Assert.InRange(record.Tokens.Output, leastOutput, Cap - 1);
            Assert.InRange(record.Tokens.Input, 1, Body("sim", true).Length - 1);
        }

        Assert.Equal(1_000 * (record.Tokens.Input + (2 * record.Tokens.Output)), record.CostNanoUsd);
    }

    private static async Task AssertChargedAsync(EdgeHost edge, UsageRecord record)
    {
        var account = Assert.Single(edge.Services.GetRequiredService<BudgetBook>());
        await Eventually.TrueAsync(() => account.Figures.Held == 0, "something is held still");
        Assert.Equal(record.CostNanoUsd, account.Figures.Settled);
    }

    private static async Task ReadAsync(HttpResponseMessage response)
    {
        try
        {
            await response.Content.ReadAsByteArrayAsync(Cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Broken off.
        }
    }

    private static string Body(string model, bool stream) => EdgeHost.Chat(model, $"\"max_tokens\":{Cap},\"stream\":{(stream ? "true" : "false")}");

    private static Task<EdgeHost> StartAsync(SimulatorHost simulator, string policy) => EdgeHost.StartAsync($$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
          other: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567891 }
        deployments:
          sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
          slow: { provider: sim, model: "sim?latency=600000", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
          fast: { provider: other, model: "sim?tokens=5", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "sim*": { targets: [ { deployment: sim } ] }
          hedged: { targets: [ { deployment: slow }, { deployment: fast } ], hedge: { delayMs: 1 } }
        keys:
          main: { value: {{EdgeHost.Key}}, budgets: [b] }
        budgets: { b: { limitUsd: 1, window: total } }
        settings: { unreported: {{policy}} }
        """);
}
