using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Health;
using Gateway.Contracts.Snapshots;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class CacheOnSqliteTests() : CacheTests(null);

public sealed class CacheOnPostgresTests(PostgresServer server) : CacheTests(server);

/// <summary>Cache policies, purges and figures in the admin API.</summary>
public abstract class CacheTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Policies_of_settings_routes_and_keys_reach_the_edges_and_wrong_ones_are_refused()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new
        {
            cache = "exact", cachePolicy = new { scope = "team", ttlSeconds = 60, maxTemperature = 0.5 }, cacheStorage = new { memoryBytes = 2_000_000, sharedScopes = (string[])["faq"] },
        });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "K", cache = new { mode = "semantic", scope = "shared", sharedScope = "faq", threshold = 0.9 } });
        var snapshot = await SnapshotAsync(instance);
        Assert.Equal((CacheMode.Exact, CacheScope.Team, 60, 0.5), (snapshot.Settings.Cache, snapshot.Settings.CachePolicy.Scope, snapshot.Settings.CachePolicy.TtlSeconds, snapshot.Settings.CachePolicy.MaxTemperature));
        Assert.Equal((2_000_000, "faq"), (snapshot.Settings.CacheStorage.MemoryBytes, Assert.Single(snapshot.Settings.CacheStorage.SharedScopes)));
        var key = snapshot.Keys.Single(static k => k.Id == "k").Cache!;
        Assert.Equal((CacheMode.Semantic, CacheScope.Shared, "faq", 0.9), (key.Mode, key.Scope, key.SharedScope, key.Threshold));
        var shown = await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/k");
        Assert.Equal("Semantic", shown["cache"]!["mode"]!.GetValue<string>());
        foreach (var (cache, field) in new (object, string)[]
        {
            (new { scope = "shared", sharedScope = "news" }, "cache.sharedScope"), (new { scope = "shared" }, "cache.sharedScope"), (new { ttlSeconds = 0 }, "cache.ttlSeconds"),
            (new { maxTemperature = 3 }, "cache.maxTemperature"), (new { mode = "sometimes" }, "cache.mode"), (new { ttl = 1 }, "cache.ttl"),
        })
        {
            var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "x", name = "X", cache });
            Assert.Equal((HttpStatusCode.BadRequest, field), (status, Assert.Single(FieldsOf(problem))));
        }

        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/k", "{\"cache\":null}");
        Assert.Null((await SnapshotAsync(instance, snapshot.Version)).Keys.Single(static k => k.Id == "k").Cache);
    }

    [Fact]
    public async Task A_purge_reaches_the_edges_with_its_version_as_a_difference()
    {
        var instance = await StartAsync();
        var (held, _) = await FollowAsync(instance, SnapshotImage.Empty);
        var made = await DoAsync(instance.Admin, HttpMethod.Delete, "/api/cache?scope=team:red&model=gpt&tag=faq");
        var (image, isDifference) = await FollowAsync(instance, held);
        Assert.True(isDifference);
        var purge = Assert.Single(image.Snapshot.CachePurges);
        Assert.Equal((made["id"]!.GetValue<string>(), made["version"]!.GetValue<long>()), (purge.Id, purge.Version));
        Assert.Equal(("team:red", "gpt", "faq", null, null), (purge.Scope, purge.Model, purge.Tag, purge.Route, purge.Key));
        Assert.Equal(image.Version, purge.Version);
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/cache?olderThanSeconds=60");
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/cache?all=true");
        var (second, _) = await FollowAsync(instance, image);
        Assert.True(second.Snapshot.CachePurges.Count >= 2);
        foreach (var (query, field) in new[] { ("", "all"), ("?all=true&tag=x", "all"), ("?tags=x", "tags"), ("?tag=", "tag"), ("?olderThanSeconds=-1", "olderThanSeconds") })
        {
            var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Delete, "/api/cache" + query);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(field, FieldsOf(problem));
        }
    }

    [Fact]
    public async Task Purges_stay_few_and_what_was_purged_stays_purged()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 520; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/cache?tag=t{i}");
        }

        var purges = (await SnapshotAsync(instance)).CachePurges;
        Assert.InRange(purges.Count, 200, 510);
        Assert.Contains(purges, static p => p is { Tag: null, Before: not null });
        Assert.Contains(purges, static p => p.Tag == "t519");
    }

    [Fact]
    public async Task Without_the_cache_service_its_addresses_say_so()
    {
        var without = await StartAsync();
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, "/api/cache/entries", null), (HttpMethod.Get, "/api/cache/entries/00000000000000000000000000000000", null), (HttpMethod.Get, "/api/cache/semantic", null),
            (HttpMethod.Post, "/api/cache/explain", new { textA = "a", textB = "b" }),
        })
        {
            var (status, problem, _) = await SendAsync(without.Admin, method, path, body);
            Assert.Equal((HttpStatusCode.NotFound, "no_cache_service"), (status, problem["code"]!.GetValue<string>()));
        }

        await StopAsync(without);
        var down = await StartAsync(settings: new Dictionary<string, string?> { ["services:semanticcache:http:0"] = "http://127.0.0.1:1" });
        var (refused, said, _) = await SendAsync(down.Admin, HttpMethod.Get, "/api/cache/semantic");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "cache_unavailable"), (refused, said["code"]!.GetValue<string>()));

        // A purge by the id of an entry does not wait for who cannot answer.
        var purged = await DoAsync(down.Admin, HttpMethod.Delete, "/api/cache?key=00000000000000000000000000000000");
        Assert.Equal("00000000000000000000000000000000", (await SnapshotAsync(down)).CachePurges.Single(p => p.Id == purged["id"]!.GetValue<string>()).Key);
        foreach (var (path, field) in new[] { ("/api/cache/entries?colour=red", "colour"), ("/api/cache/semantic?x=1", "x") })
        {
            var (status, problem, _) = await SendAsync(down.Admin, HttpMethod.Get, path);
            Assert.Equal((HttpStatusCode.BadRequest, field), (status, Assert.Single(FieldsOf(problem))));
        }

        var (wrong, fields, _) = await SendAsync(down.Admin, HttpMethod.Post, "/api/cache/explain", new { textA = "a", policy = new { mode = "guess" }, extra = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Equal(["extra", "policy.mode", "textB"], FieldsOf(fields).Order());
    }

    [Fact]
    public async Task What_edges_report_is_summed()
    {
        var instance = await StartAsync();
        foreach (var edge in (string[])["a", "b"])
        {
            using var told = await instance.Internal.PostAsJsonAsync(
                "/internal/health", new HealthReport { EdgeId = edge, Cache = new EdgeCacheReport { HitsExact = 3, Misses = 1, Bytes = 100, SavedNanoUsd = 7 } }, ContractsJson.Default.HealthReport, Cancellation);
            Assert.True(told.IsSuccessStatusCode);
        }

        var stats = await DoAsync(instance.Admin, HttpMethod.Get, "/api/cache/stats");
        Assert.Equal((6, 200, 14, 0.75), (stats["total"]!["hitsExact"]!.GetValue<int>(), stats["total"]!["bytes"]!.GetValue<int>(), stats["total"]!["savedNanoUsd"]!.GetValue<int>(), stats["hitRate"]!.GetValue<double>()));
        Assert.Equal(["a", "b"], stats["edges"]!.AsArray().Select(static e => e!["edgeId"]!.GetValue<string>()));
        Assert.Equal(JsonValueKind.Array, stats["purges"]!.GetValueKind());
    }
}
