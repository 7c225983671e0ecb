using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Caching.Flights;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Identical requests under way become one call.</summary>
public sealed class FlightTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "leaderPays")]
    [InlineData(true, "leaderPays")]
    [InlineData(false, "shared")]
    [InlineData(true, "shared")]
    public async Task Racing_requests_are_one_call_that_is_paid_once(bool stream, string policy)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, $"settings: {{ cache: exact, cachePolicy: {{ singleFlight: {policy} }} }}");
        var model = stream ? "sim?tokens=20&ttft=400&rate=100" : "sim?tokens=20&latency=500";
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(edge, model, stream)));
        Assert.Single(simulator.Received);
        Assert.Single(answers.Select(static a => a.Text).Distinct());
        Assert.Equal(19, answers.Count(static a => a.Result is "shared" or "hit-exact"));
        var records = await edge.RecordsAsync(20);
        var price = (records.Sum(static r => r.Tokens.Input) * 1_000) + (records.Sum(static r => r.Tokens.Output) * 2_000);
        Assert.Equal(price, records.Sum(static r => r.CostNanoUsd));
        Assert.Single(records, static r => r.Tokens.Output > 0);
        if (policy == "leaderPays")
        {
            Assert.Single(records, static r => r.CostNanoUsd > 0);
        }
        else
        {
            Assert.True(records.Count(static r => r.CostNanoUsd > 0) > 1);
        }

        Assert.All(records.Where(static r => r.Cache != CacheUse.None), r => Assert.Equal(price, r.CostNanoUsd + r.SavedNanoUsd));
    }

    [Fact]
    public async Task A_stream_that_is_joined_late_is_given_from_its_beginning()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        const string model = "sim?tokens=60&rate=60";
        using var first = await edge.ChatAsync(model, "\"stream\":true");
        using var reader = new StreamReader(await first.Content.ReadAsStreamAsync(Cancel));
        for (var i = 0; i < 10; i++)
        {
            await reader.ReadLineAsync(Cancel);
        }

        var joined = await ReadAsync(edge, model, stream: true);
        var rest = await reader.ReadToEndAsync(Cancel);
        Assert.Equal("shared", joined.Result);
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
        Assert.Single(simulator.Received);
        Assert.Equal(60, joined.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_goes_on_for_those_that_follow_when_who_made_it_leaves(bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        var model = stream ? "sim?tokens=30&ttft=2500&rate=60" : "sim?tokens=30&latency=3000";
        using var leaves = new CancellationTokenSource();
        var leader = ReadAsync(edge, model, stream, leaves.Token);
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 1, "no call is made");
        var follower = ReadAsync(edge, model, stream);
        await Eventually.TrueAsync(() => Followers(edge) == 1, "nobody follows");
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        var answer = await follower;
        Assert.Equal("shared", answer.Result);
        Assert.False(string.IsNullOrEmpty(answer.Text));
        Assert.Single(simulator.Received);
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 0, "the call does not end");
        var records = await edge.RecordsAsync(2);
        Assert.Single(records, static r => r is { Outcome: RequestOutcome.ClientCancelled, CostNanoUsd: > 0, Estimated: false });
        Assert.Single(records, static r => r is { Outcome: RequestOutcome.Completed, Cache: CacheUse.Shared, CostNanoUsd: 0 });
        await CacheAsking.AskAsync(edge, EdgeHost.Chat(model, stream ? "\"stream\":true" : ""), "hit-exact");
    }

    [Fact]
    public async Task A_call_that_nobody_wants_any_more_is_broken_off()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        using var leaves = new CancellationTokenSource();
        var calls = new[] { ReadAsync(edge, "sim?stall=headers", true, leaves.Token), ReadAsync(edge, "sim?stall=headers", true, leaves.Token) };
        await Eventually.TrueAsync(() => Followers(edge) == 1, "nobody follows");
        await leaves.CancelAsync();
        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 0, "the call goes on");
        Assert.Equal(2, (await edge.RecordsAsync(2)).Count(static r => r.Outcome == RequestOutcome.ClientCancelled));
    }

    [Fact]
    public async Task Those_that_follow_a_call_that_fails_make_their_own()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        var leader = ReadAsync(edge, "sim?status=400&latency=1500", stream: false);
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 1, "no call is made");
        var follower = ReadAsync(edge, "sim?status=400&latency=1500", stream: false);
        await Eventually.TrueAsync(() => Followers(edge) == 1, "nobody follows");
        Assert.Equal(400, (await leader).Status);
        var alone = await follower;
        Assert.Equal((400, "miss"), (alone.Status, alone.Result));
        Assert.Equal(2, simulator.Received.Count);
    }

    [Fact]
    public async Task Nobody_waits_longer_for_another_than_for_a_provider()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: exact }").Replace("targets: [ { deployment: sim } ]", "targets: [ { deployment: sim } ], timeouts: { firstByteMs: 300 }", StringComparison.Ordinal));
        simulator.Defaults = simulator.Defaults with { LatencyMs = 60_000 };
        var leader = ReadAsync(edge, "sim", stream: false);
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 1, "no call is made");
        simulator.Defaults = simulator.Defaults with { LatencyMs = 0 };
        var follower = await ReadAsync(edge, "sim", stream: false);
        Assert.Equal(200, follower.Status);
        _ = await leader;
    }

    private static int Followers(EdgeHost edge) => edge.Services.GetRequiredService<FlightTable>().Followers;

    private static async Task<(int Status, string? Result, string Text)> ReadAsync(EdgeHost edge, string model, bool stream, CancellationToken? leaves = null)
    {
        var cancel = leaves ?? Cancel;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat(model, stream ? "\"stream\":true" : ""), Encoding.UTF8, "application/json") };
        using var answer = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        var body = await answer.Content.ReadAsStringAsync(cancel);
        var text = answer.StatusCode != HttpStatusCode.OK ? body
            : !stream ? JsonNode.Parse(body)!["choices"]![0]!["message"]!["content"]!.GetValue<string>()
            : string.Concat(body.Split('\n').Where(static l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(static l => JsonNode.Parse(l[6..])!["choices"]!.AsArray())
                .Where(static c => c.Count > 0).Select(static c => c[0]!["delta"]?["content"]?.GetValue<string>() ?? ""));
        return ((int)answer.StatusCode, CacheAsking.Header(answer, "x-gateway-cache"), text);
    }
}
