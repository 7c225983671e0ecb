using System.Net.Http.Json;
using Gateway.Contracts.Snapshots;
using Gateway.Governance.Entries;
using Gateway.Governance.Limits;
using Gateway.Governance.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

/// <summary>Several instances on one Postgres.</summary>
public sealed class SharedStoreTests(PostgresServer server) : GovernanceTests(server)
{
    [Fact]
    public async Task Instances_that_start_together_on_an_empty_database_share_one_set_of_keys()
    {
        var instances = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync("Development")));

        foreach (var instance in instances)
        {
            await instance.WaitUntilReadyAsync(Cancellation);
            await DoAsync(instance.Admin, HttpMethod.Get, "/api/status");
            Assert.Single((await SnapshotAsync(instance)).Keys);
        }
    }

    [Fact]
    public async Task Instances_that_each_count_rate_limits_say_so()
    {
        var one = await StartAsync();
        Assert.Empty(await WarningsAsync(one));
        await AskAsync(one);
        Assert.Empty(await WarningsAsync(one));
        var two = await StartAsync();
        Assert.Contains("2 instances", Assert.Single(await WarningsAsync(one)), StringComparison.Ordinal);

        // No edge shares through the second.
        Assert.Empty(await WarningsAsync(two));
        await AskAsync(two);
        Assert.Contains("ConnectionStrings__redis", Assert.Single(await WarningsAsync(two)), StringComparison.Ordinal);

        async Task<string[]> WarningsAsync(Instance instance)
        {
            await instance.Services.GetRequiredService<KeeperCount>().LookAsync(Cancellation);
            return [.. (await DoAsync(instance.Admin, HttpMethod.Get, "/api/status"))["warnings"]!.AsArray().Select(static w => w!.GetValue<string>())];
        }

        async Task AskAsync(Instance instance)
        {
            using var answer = await instance.Internal.PostAsJsonAsync("/internal/limits", new { edge = "e", limits = Array.Empty<object>() }, Cancellation);
            Assert.True(answer.IsSuccessStatusCode);
        }
    }

    [Fact]
    public async Task A_change_on_one_instance_reaches_the_edges_of_the_other()
    {
        var one = await StartAsync();
        var two = await StartAsync();
        var version = (await SnapshotAsync(two)).Version;

        for (var i = 0; i < 3; i++)
        {
            var poll = SnapshotAsync(two, version);
            await DoAsync(one.Admin, HttpMethod.Post, "/api/keys", new { id = $"k{i}", name = "k" });
            var snapshot = await poll;
            Assert.Equal(i + 1, snapshot.Keys.Count);
            version = snapshot.Version;
        }

        await DoAsync(one.Admin, HttpMethod.Delete, "/api/keys/k1");
        Assert.Equal(["k0", "k2"], (await SnapshotAsync(two, version)).Keys.Select(k => k.Id));

        // Reads go to the store: a change is seen by the other instance's API at once.
        Assert.Equal(2, (await DoAsync(two.Admin, HttpMethod.Get, "/api/keys"))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task An_edge_that_moves_between_instances_goes_on_with_differences_where_both_say_the_same()
    {
        var one = await StartAsync();
        var two = await StartAsync();
        await Eventually.TrueAsync(() => VersionAt(one) == VersionAt(two));
        var (edge, _) = await FollowAsync(one, SnapshotImage.Empty);
        for (var i = 0; i < 3; i++)
        {
            var (to, from) = i % 2 == 0 ? (two, one) : (one, two);

            // Both have looked at the version that the edge has: one gave it out, the other was asked for news since.
            await Eventually.TrueAsync(() => VersionAt(to) >= edge.Version);
            using var nothing = await to.Internal.GetAsync(Question(edge, waitSeconds: 0), Cancellation);
            Assert.Equal(System.Net.HttpStatusCode.NoContent, nothing.StatusCode);
            await DoAsync(from.Admin, HttpMethod.Post, "/api/keys", new { id = $"k{i}", name = "k" });
            (edge, var isDifference) = await FollowAsync(to, edge);
            Assert.True(isDifference);
            Assert.Equal(i + 1, edge.Snapshot.Keys.Count);
        }
    }

    [Fact]
    public async Task An_edge_that_moves_to_an_instance_with_other_providers_is_given_the_whole()
    {
        var one = await StartAsync(settings: new Dictionary<string, string?> { ["OPENAI_API_KEY"] = "sk-e" });
        var two = await StartAsync();
        await Eventually.TrueAsync(() => VersionAt(one) == VersionAt(two));
        var (edge, _) = await FollowAsync(one, SnapshotImage.Empty);
        await Eventually.TrueAsync(() => VersionAt(two) >= edge.Version);
        await DoAsync(two.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k" });

        var (image, isDifference) = await FollowAsync(two, edge);
        Assert.False(isDifference);
        Assert.DoesNotContain(image.Snapshot.Providers, static p => p.Id == "openai");
    }

    [Fact]
    public async Task Writers_on_different_instances_take_turns()
    {
        var instances = new[] { await StartAsync(), await StartAsync() };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => DoAsync(instances[i % 2].Admin, HttpMethod.Post, "/api/teams", new { id = $"t{i}", name = "t" })));

        foreach (var instance in instances)
        {
            Assert.Equal(40, (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams"))["items"]!.AsArray().Count);
        }
    }

    [Fact]
    public async Task The_same_usage_sent_to_both_counts_once()
    {
        var instances = new[] { await StartAsync(), await StartAsync() };
        var records = Enumerable.Range(0, 300).Select(UsageTests.Record).ToList();

        var acks = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => IngestAsync(instances[i % 2], i % 3 == 0 ? [.. records.AsEnumerable().Reverse()] : records)));

        Assert.Equal(300, acks.Sum(a => a.Stored));
        var total = (await DoAsync(instances[0].Admin, HttpMethod.Get, "/api/usage?from=2026-01-01T00:00:00Z"))["total"]!;
        Assert.Equal(300, total["requests"]!.GetValue<long>());
        Assert.Equal(records.Sum(r => r.CostNanoUsd), total["costNanoUsd"]!.GetValue<long>());
    }

    private static long VersionAt(Instance instance) => instance.Services.GetRequiredService<ConfigStore>().Latest.Version;
}
