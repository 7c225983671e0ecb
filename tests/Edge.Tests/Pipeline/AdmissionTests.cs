using System.Net;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Pipeline;

public sealed class AdmissionTests
{
    [Fact]
    public async Task A_budget_is_never_overspent_however_many_ask_at_once()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        // A request holds a few hundred prompt tokens at 1 USD and 100 output tokens at 2 USD a million.
        await using var edge = await EdgeHost.StartAsync(simulator, "budgets: { small: { limitUsd: 0.005, window: total } }", ", budgets: [small]");
        var budget = edge.Services.GetRequiredService<RuntimeState>().Budgets.Single();
        var overspent = false;
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var response = await edge.ChatAsync("sim?latency=5&tokens=50", "\"max_tokens\":100" + (i % 2 == 0 ? ",\"stream\":true" : ""));
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            var figures = budget.Figures;
            overspent |= figures.Settled + figures.Held > 5_000_000;
            return response.StatusCode;
        }));
        Assert.False(overspent);
        Assert.Contains(HttpStatusCode.PaymentRequired, answers);
        Assert.Contains(HttpStatusCode.OK, answers);
        await Eventually.TrueAsync(() => budget.Figures.Held == 0, "holds are left over");
        var spent = simulator.Bill.Lines.Sum(static l => (l.PromptTokens * 1000) + (l.CompletionTokens * 2000));
        Assert.Equal(spent, budget.Figures.Settled);
        Assert.Equal(spent, (await edge.RecordsAsync(200)).Sum(static r => r.CostNanoUsd));
    }

    [Fact]
    public async Task An_exhausted_budget_is_402_and_tells_when_it_resets()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "budgets: { tiny: { name: Tiny, limitUsd: 0.000001, window: day } }", ", budgets: [tiny]");
        using var response = await edge.ChatAsync("sim");
        var message = (await EdgeHost.ErrorAsync(response, 402, "budget_exceeded"))["message"]!.GetValue<string>();
        Assert.Contains("Tiny", message, StringComparison.Ordinal);
        Assert.Contains("resets at", message, StringComparison.Ordinal);
        Assert.Empty(simulator.Received);
    }

    [Fact]
    public async Task An_unpriced_model_is_refused_under_a_budget_unless_allowed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "budgets: { b: { limitUsd: 1, window: day } }", ", budgets: [b]")
            .Replace(", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 }", "", StringComparison.Ordinal);
        await using (var edge = await EdgeHost.StartAsync(yaml))
        {
            using var refused = await edge.ChatAsync("sim");
            await EdgeHost.ErrorAsync(refused, 402, "model_unpriced");
        }

        await using var allowing = await EdgeHost.StartAsync(yaml + "\nsettings: { unpriced: allow }\n");
        using var served = await allowing.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal("", Assert.Single(await allowing.RecordsAsync(1)).PriceVersion);
    }

    [Theory]
    [InlineData("inherit", "assume", true)]
    [InlineData("assume", "deny", true)]
    [InlineData("deny", "assume", false)]
    public async Task An_unpriced_model_is_billed_by_the_assumed_price_where_its_policy_says_so(string own, string all, bool isServed)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "budgets: { b: { limitUsd: 1, window: day } }", ", budgets: [b]")
            .Replace(", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 }", $", unpriced: {own}", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml + $"\nsettings: {{ unpriced: {all}, assumedPrice: openai/gpt-4o }}\n");
        using var response = await edge.ChatAsync("sim");
        if (!isServed)
        {
            await EdgeHost.ErrorAsync(response, 402, "model_unpriced");
            return;
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.StartsWith("assumed:openai/gpt-4o(", record.PriceVersion, StringComparison.Ordinal);
        Assert.True(record.CostNanoUsd > 0);
    }

    [Fact]
    public async Task A_request_limit_answers_429_with_a_true_retry_after()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, keyMore: ", limits: { requestsPerMinute: 3 }");
        for (var i = 0; i < 3; i++)
        {
            using var served = await edge.ChatAsync("sim");
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        using var refused = await edge.ChatAsync("sim");
        await EdgeHost.ErrorAsync(refused, 429, "request_limit_exceeded");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
    }

    [Fact]
    public async Task Token_limits_count_what_was_used_and_not_what_was_held()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, keyMore: ", limits: { tokensPerMinute: 3000 }");
        for (var i = 0; i < 8; i++)
        {
            using var served = await edge.ChatAsync("sim?tokens=10", "\"max_tokens\":2000");
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }

        using var tooMuch = await edge.ChatAsync("sim", "\"max_tokens\":5000");
        await EdgeHost.ErrorAsync(tooMuch, 429, "token_limit_exceeded");
        Assert.Null(tooMuch.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_concurrency_limit_frees_its_place_on_every_ending()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, keyMore: ", limits: { concurrency: 1 }");
        foreach (var model in new[] { "sim", "sim?status=500", "sim?drop=1", "sim?cut=10", "nope" })
        {
            using var response = await edge.ChatAsync(model);
            Assert.NotEqual(HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        var slow = await edge.ChatAsync("sim?tokens=1000&rate=50", "\"stream\":true");
        using (var refused = await edge.ChatAsync("sim"))
        {
            await EdgeHost.ErrorAsync(refused, 429, "concurrency_limit_exceeded");
        }

        slow.Dispose();
        await edge.RecordsAsync(7);
        using var after = await edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    [Fact]
    public async Task What_a_budget_spent_survives_a_restart()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "budgets: { b: { limitUsd: 1, window: month } }", ", budgets: [b]");
        var folder = Directory.CreateTempSubdirectory("edge-test-").FullName;
        long settled;
        await using (var edge = await EdgeHost.StartAsync(yaml, folder, keepsFolder: true))
        {
            using var response = await edge.ChatAsync("sim");
            settled = edge.Services.GetRequiredService<RuntimeState>().Budgets.Single().Figures.Settled;
            Assert.True(settled > 0);
        }

        await using var again = await EdgeHost.StartAsync(yaml, folder);
        Assert.Equal(settled, again.Services.GetRequiredService<RuntimeState>().Budgets.Single().Figures.Settled);
    }
}
