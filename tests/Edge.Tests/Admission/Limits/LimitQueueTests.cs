using System.Net;
using System.Text;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>Priorities and queues as callers meet them.</summary>
public sealed class LimitQueueTests
{
    private const string High = "gw-high-key-0000000000000000000000000000000000000";

    // One place, which a stream occupies until its caller leaves.
    private const string Long = "sim?tokens=100000&rate=20";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_who_wait_come_high_before_normal_before_low_and_in_the_order_they_came()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "metric: concurrentRequests, amount: 1, maxWaitMs: 60000");
        using var stream = await edge.ChatAsync(Long, "\"stream\":true");
        var waiting = new List<Task<HttpResponseMessage>>();
        foreach (var (priority, key, name) in new[] { ("low", EdgeHost.Key, "low-1"), ("low", EdgeHost.Key, "low-2"), ("", EdgeHost.Key, "normal-1"), ("", High, "high-1"), ("normal", High, "normal-2"), ("high", EdgeHost.Key, "normal-3"), ("high", High, "high-2") })
        {
            waiting.Add(AskAsync(edge, "sim", priority, key, $"\"user\":\"{name}\"", Cancel));
            await WaitingAsync(edge, waiting.Count);
        }

        stream.Dispose();
        foreach (var response in await Task.WhenAll(waiting))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }

        // Whoever asks for more than the key has gets what the key has.
        Assert.Equal(
            ["high-1", "high-2", "normal-1", "normal-2", "normal-3", "low-1", "low-2"],
            simulator.Received.Skip(1).Select(static r => r.BodyText.Split("\"user\":\"")[1].Split('"')[0]));
        Assert.Equal(0, Queue(edge).Count);
    }

    [Fact]
    public async Task A_full_queue_refuses_at_once_and_takes_more_when_the_limit_says_so()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "metric: concurrentRequests, amount: 1, maxWaitMs: 60000, maxQueue: 1");
        using var stream = await edge.ChatAsync(Long, "\"stream\":true");
        var first = edge.ChatAsync("sim");
        await WaitingAsync(edge, 1);
        using (var refused = await edge.ChatAsync("sim"))
        {
            await EdgeHost.ErrorAsync(refused, 429, "concurrency_limit_exceeded");
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        var yaml = await File.ReadAllTextAsync(edge.ConfigFile, Cancel);
        await File.WriteAllTextAsync(edge.ConfigFile, yaml.Replace("maxQueue: 1", "maxQueue: 2", StringComparison.Ordinal), Cancel);
        await Eventually.TrueAsync(() => Queue(edge).Most == 2, "the change is not in force");
        var second = edge.ChatAsync("sim");
        await WaitingAsync(edge, 2);

        stream.Dispose();
        foreach (var response in await Task.WhenAll(first, second))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }
    }

    [Fact]
    public async Task Nobody_waits_on_where_nobody_may_wait_any_more()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "metric: concurrentRequests, amount: 1, maxWaitMs: 60000");
        using var stream = await edge.ChatAsync(Long, "\"stream\":true");
        var waiting = (Task<HttpResponseMessage>[])[edge.ChatAsync("sim"), edge.ChatAsync("sim"), edge.ChatAsync("sim")];
        await WaitingAsync(edge, 3);
        var yaml = await File.ReadAllTextAsync(edge.ConfigFile, Cancel);
        await File.WriteAllTextAsync(edge.ConfigFile, yaml.Replace("maxWaitMs: 60000", "maxWaitMs: 0", StringComparison.Ordinal), Cancel);
        foreach (var response in await Task.WhenAll(waiting))
        {
            await EdgeHost.ErrorAsync(response, 429, "concurrency_limit_exceeded");
            response.Dispose();
        }
    }

    [Fact]
    public async Task A_higher_amount_lets_those_in_who_wait()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "metric: concurrentRequests, amount: 1, maxWaitMs: 60000");
        using var stream = await edge.ChatAsync(Long, "\"stream\":true");
        var waiting = edge.ChatAsync("sim");
        await WaitingAsync(edge, 1);
        var yaml = await File.ReadAllTextAsync(edge.ConfigFile, Cancel);
        await File.WriteAllTextAsync(edge.ConfigFile, yaml.Replace("amount: 1,", "amount: 2,", StringComparison.Ordinal), Cancel);
        using var served = await waiting;
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task Who_has_waited_long_enough_is_refused_and_who_goes_away_leaves_the_queue()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "metric: concurrentRequests, amount: 1, maxWaitMs: 100");
        using (var stream = await edge.ChatAsync(Long, "\"stream\":true"))
        {
            using var refused = await edge.ChatAsync("sim");
            await EdgeHost.ErrorAsync(refused, 429, "concurrency_limit_exceeded");
            Assert.Equal(0, Queue(edge).Count);
        }

        await using var patient = await StartAsync(simulator, "metric: concurrentRequests, amount: 1, maxWaitMs: 60000");
        using var other = await patient.ChatAsync(Long, "\"stream\":true");
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waiting = AskAsync(patient, "sim", "", EdgeHost.Key, "", leaves.Token);
        await WaitingAsync(patient, 1);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await WaitingAsync(patient, 0);
    }

    [Fact]
    public async Task A_wait_that_would_be_for_nothing_is_none()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "amount: 1, windowSeconds: 86400, maxWaitMs: 60000");
        using var served = await edge.ChatAsync("sim");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);

        // The next place is there in a day.
        using var refused = await edge.ChatAsync("sim");
        await EdgeHost.ErrorAsync(refused, 429, "request_limit_exceeded");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalHours, 23.9, 24.01);
    }

    [Fact]
    public async Task Each_priority_may_use_its_share_of_a_limit()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, "amount: 20, windowSeconds: 86400, normalPercent: 75, lowPercent: 40");
        Assert.Equal(8, await ServedAsync(edge, "low", EdgeHost.Key));
        Assert.Equal(7, await ServedAsync(edge, "high", EdgeHost.Key));
        Assert.Equal(0, await ServedAsync(edge, "low", High));
        Assert.Equal(5, await ServedAsync(edge, "", High));
    }

    private static async Task<int> ServedAsync(EdgeHost edge, string priority, string key)
    {
        for (var served = 0; ; served++)
        {
            using var response = await AskAsync(edge, "sim", priority, key, "", Cancel);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                await EdgeHost.ErrorAsync(response, 429, "request_limit_exceeded");
                return served;
            }
        }
    }

    private static async Task<HttpResponseMessage> AskAsync(EdgeHost edge, string model, string priority, string key, string more, CancellationToken cancelled)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(EdgeHost.Chat(model, more), Encoding.UTF8, "application/json"),
            Headers = { Authorization = new("Bearer", key) },
        };
        if (priority.Length > 0)
        {
            request.Headers.Add("x-gateway-priority", priority);
        }

        return await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
    }

    private static Task WaitingAsync(EdgeHost edge, int count) => Eventually.TrueAsync(() => Queue(edge).Count == count, $"{Queue(edge).Count} wait, not {count}");

    private static LimitQueue Queue(EdgeHost edge) => edge.Services.GetRequiredService<RuntimeHolder>().Current!.FindKeyById("main"u8)!.Limits.Known[0].Queue!;

    private static Task<EdgeHost> StartAsync(SimulatorHost simulator, string limit) =>
        EdgeHost.StartAsync(simulator, $"  high: {{ value: {High}, priority: high }}\nlimits: {{ one: {{ {limit} }} }}");
}
