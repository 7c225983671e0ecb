using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;
using static Gateway.Edge.Tests.Caching.CacheAsking;

namespace Gateway.Edge.Tests.Caching;

/// <summary>What hits cost and take of limits.</summary>
public sealed class CacheSpendTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hit_costs_no_budget_and_the_tokens_of_limits_only_where_policy_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }\nbudgets: { b: { limitUsd: 0.01, window: month } }\nlimits: { five: { amount: 5, windowSeconds: 86400, scope: { key: main } } }", ", budgets: [b]");
        for (var i = 0; i < 5; i++)
        {
            await AskAsync(edge, EdgeHost.Chat("sim", "\"max_tokens\":20"), i == 0 ? "miss" : "hit-exact");
        }

        using var limited = await edge.ChatAsync("sim", "\"max_tokens\":20");
        await EdgeHost.ErrorAsync(limited, 429, "request_limit_exceeded");
        var records = (await edge.RecordsAsync(6)).Where(static r => r.Status == 200).ToList();
        Assert.Equal(4, records.Count(static r => r is { Cache: CacheUse.Exact, CostNanoUsd: 0 }));
        Assert.All(records.Where(static r => r.Cache == CacheUse.Exact), r => Assert.Equal(records.Single(static p => p.Cache == CacheUse.None).CostNanoUsd, r.SavedNanoUsd));
        Assert.All(records.Where(static r => r.Cache == CacheUse.Exact), static r => Assert.Equal("sim", r.ProviderId));
    }

    [Fact]
    public async Task Hits_take_nothing_of_limits_where_policy_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact, cachePolicy: { limits: none } }\nlimits: { two: { amount: 2, windowSeconds: 86400, scope: { key: main } } }");
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        for (var i = 0; i < 4; i++)
        {
            await AskAsync(edge, EdgeHost.Chat("sim"), "hit-exact");
        }
    }
}
