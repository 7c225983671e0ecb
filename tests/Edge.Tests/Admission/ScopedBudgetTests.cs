using System.Net;
using Gateway.Contracts.Usage;
using Gateway.Edge.Admission.Budgets;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Admission;

/// <summary>Budgets that stand over some requests of a key only, through the real edge.</summary>
public sealed class ScopedBudgetTests
{
    [Fact]
    public async Task A_provider_without_room_is_left_out_and_only_the_last_one_refuses()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              first: { kind: openai, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-1 }
              second: { kind: openai, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-2 }
            deployments:
              a: { provider: first, model: sim, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
              b: { provider: second, model: sim, price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              sim: { targets: [a, b] }
            keys:
              main: { value: {{EdgeHost.Key}} }
            budgets:
              of-first: { limitUsd: 0.0004, window: total, scope: { provider: first } }
              of-second: { limitUsd: 0.0004, window: total, scope: { provider: second } }
            """);
        var (byProvider, refused) = (new Dictionary<string, int>(), false);
        for (var i = 0; i < 200 && !refused; i++)
        {
            using var response = await edge.ChatAsync("sim", "\"max_tokens\":30");
            refused = response.StatusCode == HttpStatusCode.PaymentRequired;
            if (!refused)
            {
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                var provider = response.Headers.GetValues("x-gateway-provider").Single();
                byProvider[provider] = byProvider.GetValueOrDefault(provider) + 1;
            }
        }

        Assert.True(refused);
        Assert.Equal(["first", "second"], byProvider.Keys.Order());
        var book = edge.Services.GetRequiredService<BudgetBook>();
        Assert.All(book, static a => Assert.InRange(a.Figures.Settled, 1, 400_000));
        Assert.All(book, static a => Assert.Equal(0, a.Figures.Held));
        var records = (await edge.RecordsAsync(byProvider.Values.Sum() + 1)).Where(static r => r.CostNanoUsd > 0).ToList();
        Assert.All(records, static r => Assert.Equal([$"of-{r.ProviderId}#total"], r.Budgets));
        Assert.All(book, a => Assert.Equal(a.Figures.Settled, records.Where(r => r.Budgets.Contains(a.Name)).Sum(static r => r.CostNanoUsd)));
    }

    [Fact]
    public async Task A_budget_over_a_model_or_a_tag_stands_over_those_requests_only()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(
            simulator,
            """
            budgets:
              big: { limitUsd: 0, window: total, scope: { model: "sim-big*" } }
              lab: { limitUsd: 5, windows: [ { limitUsd: 1, unit: day, count: 7, timeZone: Europe/Berlin }, { limitUsd: 1, unit: hour, rolling: true } ], scope: { tag: lab } }
              other: { limitUsd: 0, scope: { tag: other } }
            """,
            ", tags: [lab]");
        using (var refused = await edge.ChatAsync("sim-big-1"))
        {
            await EdgeHost.ErrorAsync(refused, 402, "budget_exceeded");
        }

        using var served = await edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        var record = (await edge.RecordsAsync(2)).Single(static r => r.Outcome == RequestOutcome.Completed);
        Assert.Equal(["lab#7d~Europe/Berlin", "lab#month", "lab#rolling-hour"], record.Budgets.Order());
        Assert.NotEqual(0, record.Epoch);
    }

    [Fact]
    public async Task A_drained_answer_is_read_to_its_end_and_billed_by_the_providers_own_count()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { onAbandon: drain }\nbudgets: { b: { limitUsd: 1, window: total } }", ", budgets: [b]");
        var response = await edge.ChatAsync("sim?tokens=400&rate=100", "\"stream\":true");
        await (await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).ReadExactlyAsync(new byte[200], TestContext.Current.CancellationToken);
        response.Dispose();
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.ClientCancelled, false, 400), (record.Outcome, record.Estimated, record.Tokens.Output));
        var account = Assert.Single(edge.Services.GetRequiredService<BudgetBook>());
        Assert.Equal((record.CostNanoUsd, 0), (account.Figures.Settled, account.Figures.Held));
    }
}
