using Gateway.Edge.Caching.Semantic;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Caching;

/// <summary>What look-ups may cost: their time, and their number when the cache service cannot keep up.</summary>
public sealed class SemanticLoadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_goes_on_in_the_moment_in_which_the_budget_of_its_look_up_ends()
    {
        await using var service = await StuckService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var time = new BudgetTime(TimeSpan.FromMilliseconds(777));
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: semantic, cachePolicy: { lookupMs: 777 } }"),
            services: s => s.AddSingleton<TimeProvider>(time),
            settings: new Dictionary<string, string?> { ["services:semanticcache:http:0"] = service.Address });
        var answer = CacheAsking.SendAsync(edge, EdgeHost.Chat("sim"), EdgeHost.Key);
        await service.Asked.WaitAsync(Cancel);
        Assert.False(answer.IsCompleted);
        Assert.Empty(simulator.Received);

        // The clock moves by the budget, and nothing else happens: the provider is asked.
        time.EndBudget();
        using var answered = await answer;
        Assert.Equal("miss", CacheAsking.Header(answered, "x-gateway-cache"));
        Assert.Single(simulator.Received);
    }

    [Fact]
    public async Task A_service_that_answers_late_is_slow_and_not_gone()
    {
        await using var service = await LateService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: semantic, cachePolicy: { lookupMs: 1 } }"),
            settings: new Dictionary<string, string?> { ["services:semanticcache:http:0"] = service.Address });
        for (var i = 1; i <= 6; i++)
        {
            // Each request goes on without its answer, which comes afterwards. The connection may serve the next one, as nothing was broken off.
            using var answer = await CacheAsking.SendAsync(edge, EdgeHost.Chat($"sim?tokens={i}"), EdgeHost.Key);
            Assert.Equal("miss", CacheAsking.Header(answer, "x-gateway-cache"));
            await service.AnswerAsync();
        }

        Assert.InRange(service.Connections, 1, 5);
    }

    [Fact]
    public async Task While_there_is_no_time_to_ask_about_a_question_its_answer_is_not_offered_either()
    {
        const int places = 16;
        await using var service = await LateService.StartAsync();
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: semantic, cachePolicy: { lookupMs: 1000 } }"),
            services: s => s.AddSingleton<TimeProvider>(new BudgetTime(TimeSpan.FromSeconds(1))),
            settings: new Dictionary<string, string?> { ["services:semanticcache:http:0"] = service.Address });
        var waiting = Enumerable.Range(1, places).Select(i => CacheAsking.SendAsync(edge, EdgeHost.Chat($"sim?tokens={i}"), EdgeHost.Key)).ToList();
        await Eventually.TrueAsync(() => service.Asked == places, "not every place at the gate is taken");

        var before = CacheAsking.Finished(edge);
        using (var leftOut = await CacheAsking.SendAsync(edge, EdgeHost.Chat("sim?tokens=99"), EdgeHost.Key))
        {
            Assert.Equal("miss", CacheAsking.Header(leftOut, "x-gateway-cache"));
            await Eventually.TrueAsync(() => CacheAsking.Finished(edge) > before, "the call does not end");
        }

        for (var i = 0; i < places; i++)
        {
            await service.AnswerAsync();
        }

        foreach (var answer in await Task.WhenAll(waiting))
        {
            answer.Dispose();
        }

        var work = edge.Services.GetRequiredService<Edge.Caching.CacheWork>();
        await Eventually.TrueAsync(() => service.Stores >= places && work.IsIdle, "the answers of those that asked are not offered");
        Assert.Equal(places, service.Stores);
    }

    [Fact]
    public void Fewer_look_ups_are_made_of_a_service_that_has_no_time_and_more_again_when_it_has()
    {
        var gate = new LookupGate();
        var first = gate.Limit;
        for (var i = 0; i < 50; i++)
        {
            Assert.True(gate.TryEnter());
            gate.Leave(wasOverloaded: true);
        }

        Assert.Equal(1, gate.Limit);
        Assert.True(gate.TryEnter());
        Assert.False(gate.TryEnter());
        gate.Leave(wasOverloaded: false);
        for (var i = 0; i < 5_000; i++)
        {
            Assert.True(gate.TryEnter());
            gate.Leave(wasOverloaded: false);
        }

        Assert.InRange(gate.Limit, first, 64);
        var inside = Enumerable.Range(0, 100).Count(_ => gate.TryEnter());
        Assert.Equal(gate.Limit, inside);
    }

    /// <summary>The system's clock, but for timers of one length, which end when the test says so.</summary>
    private sealed class BudgetTime(TimeSpan budget) : TimeProvider
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<(TimerCallback Callback, object? State)> _waiting = new();

        public void EndBudget()
        {
            while (_waiting.TryDequeue(out var timer))
            {
                timer.Callback(timer.State);
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != budget)
            {
                return base.CreateTimer(callback, state, dueTime, period);
            }

            _waiting.Enqueue((callback, state));
            return base.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
