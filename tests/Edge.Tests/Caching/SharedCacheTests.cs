using Gateway.Contracts.Configuration;
using Gateway.Edge.Caching;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Caching.Shared;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Edges that share answers through Redis, and purges in every layer.</summary>
public sealed class SharedCacheTests
{
    private const string Caching = "settings: { cache: exact, cachePolicy: { scope: team }, cacheStorage: { redisTimeoutMs: 1000, encrypt: ENCRYPT } }\nteams: { red: { name: Red } }";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_one_edge_stored_another_gives_until_it_is_purged_everywhere(bool encrypt)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var one = await StartAsync(simulator, port, encrypt);
        await using var two = await StartAsync(simulator, port, encrypt, one);
        await StoredAsync(one, EdgeHost.Chat("sim"), ("x-gateway-tags", "faq"));
        await CacheAsking.AskAsync(two, EdgeHost.Chat("sim"), "hit-exact", ("x-gateway-tags", "faq"));
        Assert.Single(simulator.Received);
        Assert.Equal((1, 1), (Memory(one).Count, Memory(two).Count));

        // One edge hears of it: its memory and Redis are clean, and so will be the other's when it hears of it.
        Purge(one, new CachePurgeEntry { Id = "p1", Tag = "faq" });
        Assert.Equal(0, Memory(one).Count);
        await Eventually.TrueAsync(async () => await FoundAsync(two, Memory(two).Answers.Single().Key) is null, "the answer stays in Redis");
        Purge(two, new CachePurgeEntry { Id = "p1", Tag = "faq" });
        Assert.Equal(0, Memory(two).Count);
        await CacheAsking.AskAsync(two, EdgeHost.Chat("sim"), "miss");
        await CacheAsking.AskAsync(two, EdgeHost.Chat("sim"), "hit-exact");
    }

    [Fact]
    public async Task Only_what_all_of_a_purge_fits_goes()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, port, encrypt: false);
        await StoredAsync(edge, EdgeHost.Chat("sim?tokens=3"), ("x-gateway-tags", "faq"));
        await StoredAsync(edge, EdgeHost.Chat("sim?tokens=4"), ("x-gateway-tags", "faq"));
        await StoredAsync(edge, EdgeHost.Chat("sim?tokens=5"));
        var keys = Memory(edge).Answers.ToDictionary(static a => a.Model, static a => a.Key);
        Purge(edge, new CachePurgeEntry { Id = "a", Tag = "faq", Model = "sim?tokens=3", Scope = "team:red", Route = "sim*" });
        Purge(edge, new CachePurgeEntry { Id = "b", Tag = "faq", Before = DateTimeOffset.UnixEpoch });
        Purge(edge, new CachePurgeEntry { Id = "c", Scope = "team:blue" });
        Assert.Equal(["sim?tokens=4", "sim?tokens=5"], Memory(edge).Answers.Select(static a => a.Model).Order());
        await Eventually.TrueAsync(async () => await FoundAsync(edge, keys["sim?tokens=3"]) is null, "the answer stays in Redis");
        Assert.NotNull(await FoundAsync(edge, keys["sim?tokens=4"]));
        Purge(edge, new CachePurgeEntry { Id = "d", Key = keys["sim?tokens=4"].ToString() });
        await Eventually.TrueAsync(async () => await FoundAsync(edge, keys["sim?tokens=4"]) is null, "the answer stays in Redis");
        Assert.NotNull(await FoundAsync(edge, keys["sim?tokens=5"]));
        Purge(edge, new CachePurgeEntry { Id = "e" });
        await Eventually.TrueAsync(async () => await FoundAsync(edge, keys["sim?tokens=5"]) is null, "the answer stays in Redis");
        Assert.Equal(0, Memory(edge).Count);
    }

    [Fact]
    public async Task A_redis_that_is_down_is_a_miss_and_one_that_was_wiped_is_filled_again()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        var redis = RedisServer.Start(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, port, encrypt: false);
        await StoredAsync(edge, EdgeHost.Chat("sim?tokens=3"));
        redis.Dispose();
        for (var i = 0; i < 6; i++)
        {
            await CacheAsking.AskAsync(edge, EdgeHost.Chat($"sim?tokens={10 + i}"), "miss");
            await CacheAsking.AskAsync(edge, EdgeHost.Chat($"sim?tokens={10 + i}"), "hit-exact");
        }

        redis = RedisServer.Start(port);
        var key = Memory(edge).Answers.First(static a => a.Model == "sim?tokens=3").Key;
        Assert.Null(await FoundAsync(edge, key));
        await Eventually.TrueAsync(
            async () =>
            {
                Memory(edge).Remove(key);
                using var answer = await edge.ChatAsync("sim?tokens=3");
                Assert.True(answer.IsSuccessStatusCode);
                return await FoundAsync(edge, key) is not null;
            },
            "nothing is stored in Redis any more");
        redis.Dispose();
    }

    [Fact]
    public async Task An_answer_that_was_under_way_when_the_purge_came_is_not_kept()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { cache: exact }");
        var under = CacheAsking.AskAsync(edge, EdgeHost.Chat("sim?latency=500"), "miss");
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 1, "no call is made");
        Purge(edge, new CachePurgeEntry { Id = "now" });
        await under;
        Assert.Equal(0, Memory(edge).Count);
        await CacheAsking.AskAsync(edge, EdgeHost.Chat("sim?latency=500"), "miss");
        await CacheAsking.AskAsync(edge, EdgeHost.Chat("sim?latency=500"), "hit-exact");
    }

    [Fact]
    public async Task What_was_stored_before_the_edge_heard_of_a_purge_leaves_redis_whenever_the_purge_was_made()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await StartAsync(simulator, port, encrypt: false);
        await StoredAsync(edge, EdgeHost.Chat("sim?tokens=3"));
        var early = Memory(edge).Answers.Single().Key;
        var under = CacheAsking.AskAsync(edge, EdgeHost.Chat("sim?latency=500"), "miss");
        await Eventually.TrueAsync(() => CacheAsking.Cache(edge).Flights == 1, "no call is made");

        // The purge is a minute old by the clock of who made it: both answers belong to the configuration before it all the same.
        Purge(edge, new CachePurgeEntry { Id = "late", At = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1) });
        await under;
        await Eventually.TrueAsync(async () => await FoundAsync(edge, early) is null && edge.Services.GetRequiredService<CacheWork>().IsIdle, "the answer stays in Redis");
        using var connection = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port}");
        Assert.Empty(connection.GetServer(connection.GetEndPoints()[0]).Keys(pattern: "{gateway:cache}:e:*"));
        Assert.Equal(0, Memory(edge).Count);

        await StoredAsync(edge, EdgeHost.Chat("sim?tokens=3"));
    }

    internal static void Purge(EdgeHost edge, CachePurgeEntry purge)
    {
        var holder = edge.Services.GetRequiredService<RuntimeHolder>();
        var snapshot = holder.Current!.KeyModel.Snapshot;
        var version = snapshot.Version + 1;
        Assert.Empty(holder.Apply(snapshot with { Version = version, CachePurges = [.. snapshot.CachePurges, purge with { Version = version }] }));
    }

    private static MemoryStore Memory(EdgeHost edge) => edge.Services.GetRequiredService<MemoryStore>();

    private static async Task<StoredAnswer?> FoundAsync(EdgeHost edge, Gateway.Edge.Caching.Keys.CacheKey key) =>
        await edge.Services.GetRequiredService<SharedAnswers>().FindAsync(key, edge.Services.GetRequiredService<RuntimeHolder>().Current!.Settings, Cancel);

    /// <summary>Asks and waits until the answer is in Redis, too.</summary>
    private static async Task StoredAsync(EdgeHost edge, string body, params (string Name, string Value)[] headers)
    {
        await CacheAsking.AskAsync(edge, body, "miss", headers);
        foreach (var answer in Memory(edge).Answers)
        {
            await Eventually.TrueAsync(async () => await FoundAsync(edge, answer.Key) is not null, "it does not get to Redis");
        }
    }

    private static async Task<EdgeHost> StartAsync(SimulatorHost simulator, int port, bool encrypt, EdgeHost? sameSecretAs = null)
    {
        var folder = Directory.CreateTempSubdirectory("edge-test-").FullName;
        if (sameSecretAs is not null)
        {
            // Edges alone encrypt with a secret in their folder; those of one gateway have the same.
            _ = sameSecretAs.Services.GetRequiredService<AnswerCodec>();
            var secret = Path.Combine(Path.GetDirectoryName(sameSecretAs.ConfigFile)!, "edge", "object-ids.key");
            Directory.CreateDirectory(Path.Combine(folder, "edge"));
            File.Copy(secret, Path.Combine(folder, "edge", "object-ids.key"));
        }

        var settings = new Dictionary<string, string?> { ["ConnectionStrings:redis"] = $"127.0.0.1:{port},connectTimeout=1000,syncTimeout=1000" };
        return await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, Caching.Replace("ENCRYPT", encrypt ? "true" : "false", StringComparison.Ordinal), ", team: red"), folder, settings: settings);
    }
}
