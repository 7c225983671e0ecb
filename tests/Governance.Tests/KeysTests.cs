using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Governance.Keys;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class KeysOnSqliteTests() : KeysTests(null);

public sealed class KeysOnPostgresTests(PostgresServer server) : KeysTests(server);

public abstract class KeysTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task A_rotated_key_has_a_new_value_and_keeps_the_old_one_for_the_overlap()
    {
        var instance = await StartAsync();
        var first = Value(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k" }));
        var before = TimeProvider.System.GetUtcNow();
        var rotated = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/k/rotate", new { overlapSeconds = 3600 });
        var second = Value(rotated);
        Assert.NotEqual(first, second);
        Assert.StartsWith(rotated["prefix"]!.GetValue<string>(), second, StringComparison.Ordinal);
        var key = (await SnapshotAsync(instance)).Keys.Single();
        Assert.Equal((KeyMaterial.Hash(second), KeyMaterial.Hash(first)), (key.Sha256, key.PreviousSha256));
        Assert.InRange(key.PreviousUntil!.Value, before.AddSeconds(3600), TimeProvider.System.GetUtcNow().AddSeconds(3600));

        // Other changes leave the overlap as it is; the next rotation ends it.
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/k", new { name = "new name" });
        Assert.Equal(key.PreviousUntil, (await SnapshotAsync(instance)).Keys.Single().PreviousUntil);
        var third = Value(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/k/rotate", new { overlapSeconds = 60 }));
        Assert.Equal(KeyMaterial.Hash(second), (await SnapshotAsync(instance)).Keys.Single().PreviousSha256);
        foreach (var path in (string[])["/api/keys/k/rotate", "/api/keys/k/regenerate"])
        {
            third = Value(await DoAsync(instance.Admin, HttpMethod.Post, path));
            key = (await SnapshotAsync(instance)).Keys.Single();
            Assert.Equal((KeyMaterial.Hash(third), null, null), (key.Sha256, key.PreviousSha256, key.PreviousUntil));
        }

        var shown = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/k")).ToJsonString() + (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys")).ToJsonString() + await StoredTextAsync(instance) + instance.Log;
        Assert.DoesNotContain(third, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(first, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"overlapSeconds":-1}""", "overlapSeconds")]
    [InlineData("""{"overlapSeconds":2592001}""", "overlapSeconds")]
    [InlineData("""{"overlap":1}""", "overlap")]
    public async Task A_rotation_is_read_strictly(string body, string field)
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k" });
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys/k/rotate", body);
        Assert.Equal((HttpStatusCode.BadRequest, field), (status, FieldsOf(problem).Single()));
    }

    [Fact]
    public async Task A_key_can_be_blocked_and_let_in_again()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k" });
        Assert.False((await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/k/block"))["enabled"]!.GetValue<bool>());
        Assert.False((await SnapshotAsync(instance)).Keys.Single().Enabled);
        Assert.True((await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/k/unblock"))["enabled"]!.GetValue<bool>());
        Assert.True((await SnapshotAsync(instance)).Keys.Single().Enabled);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys/k/block", ifMatch: "\"1\"")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys/none/block")).Status);
    }

    [Fact]
    public async Task Keys_are_found_by_what_they_are_and_whom_they_belong_to()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/customers", new { id = "c", name = "c" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t", customerId = "c" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/users", new { id = "u", name = "u", teamId = "t" });
        var now = TimeProvider.System.GetUtcNow();
        var own = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "a", name = "Alpha", tags = (string[])["red", "blue"] });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "b", name = "Beta", userId = "u", expiresAt = now.AddDays(3) });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "g", name = "Gamma", teamId = "t", enabled = false, expiresAt = now.AddDays(-1) });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "d", name = "Delta", customerId = "c", tags = (string[])["red"], expiresAt = now.AddDays(30) });
        foreach (var (query, expected) in new[]
        {
            ("", "a b d g"), ("q=ALPH", "a"), ("q=" + own["prefix"], "a"), ("q=g", "a b d g"), ("q=gamma", "g"), ("teamId=t", "b g"), ("userId=u", "b"), ("customerId=c", "b d g"),
            ("tag=red", "a d"), ("tag=blue", "a"), ("tag=re", ""), ("enabled=false", "g"), ("enabled=true", "a b d"), ("expired=true", "g"), ("expired=false", "a b d"),
            ($"expiringBefore={Uri.EscapeDataString(now.AddDays(7).ToString("O"))}", "b"), ("customerId=c&enabled=true&tag=red", "d"), ("teamId=other", ""),
        })
        {
            var found = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys?" + query))["items"]!.AsArray();
            Assert.True(expected == string.Join(' ', found.Select(static k => k!["id"]!.GetValue<string>())), $"{query}: {found.ToJsonString()}");
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/keys?enabled=perhaps")).Status);
    }

    [Fact]
    public async Task Bulk_changes_are_made_by_ids_or_filter_and_tell_of_each_key()
    {
        var instance = await StartAsync();
        var created = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """
            {"operation":"create","keys":[{"id":"a","name":"a","tags":["x"]},{"id":"b","name":"b","tags":["x"]},{"id":"c","name":"c"}]}
            """);
        Assert.Equal("a:created b:created c:created", Results(created));
        var values = created["items"]!.AsArray().ToDictionary(static i => i!["id"]!.GetValue<string>(), static i => i!["key"]!.GetValue<string>());
        Assert.All((await SnapshotAsync(instance)).Keys, k => Assert.Equal(KeyMaterial.Hash(values[k.Id]), k.Sha256));

        Assert.Equal("a:blocked b:blocked", Results(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"block","filter":{"tag":"x"}}""")));
        Assert.Equal("b:unblocked c:unchanged", Results(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"unblock","ids":["b","c","b"]}""")));
        Assert.Equal("c:updated", Results(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"update","ids":["c"],"patch":{"name":"C","tags":["y"]}}""")));
        var rotated = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"rotate","filter":{"tag":"y"},"overlapSeconds":60}""");
        Assert.Equal("c:rotated", Results(rotated));
        var keys = (await SnapshotAsync(instance)).Keys.ToDictionary(static k => k.Id, StringComparer.Ordinal);
        Assert.Equal((false, true, true), (keys["a"].Enabled, keys["b"].Enabled, keys["c"].Enabled));
        Assert.Equal(("C", "y", KeyMaterial.Hash(values["c"])), (keys["c"].Name, keys["c"].Tags.Single(), keys["c"].PreviousSha256));
        Assert.Equal(KeyMaterial.Hash(rotated["items"]![0]!["key"]!.GetValue<string>()), keys["c"].Sha256);
        Assert.Equal("a:deleted c:deleted", Results(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"delete","ids":["a","c"]}""")));
        Assert.Equal("b", (await SnapshotAsync(instance)).Keys.Single().Id);
    }

    [Theory]
    [InlineData("""{"operation":"create","keys":[{"name":"fine"},{"name":"x","teamId":"nobody"},{"id":"a","name":"again"},{"id":"n","name":"n"},{"id":"n","name":"n"}]}""", "keys[1].teamId keys[2].id keys[4].id")]
    [InlineData("""{"operation":"block","ids":["a","nobody"]}""", "ids[1]")]
    [InlineData("""{"operation":"update","filter":{},"patch":{"expiresAt":"soon"}}""", "key 'a'.expiresAt key 'b'.expiresAt")]
    [InlineData("""{"operation":"explode"}""", "operation")]
    [InlineData("""{"operation":"block"}""", "ids")]
    [InlineData("""{"ids":["a"]}""", "operation")]
    [InlineData("""{"operation":"delete","ids":["a"],"filter":{}}""", "ids filter")]
    [InlineData("""{"operation":"delete","ids":["a"],"overlapSeconds":1}""", "overlapSeconds")]
    [InlineData("""{"operation":"delete","filter":{"tags":"x"}}""", "filter.tags")]
    [InlineData("""{"operation":"update","ids":["a"]}""", "patch")]
    [InlineData("""{"operation":"create","keys":[]}""", "keys")]
    [InlineData("""{"operation":"create","keys":[{"name":"x"}],"more":1}""", "more")]
    public async Task A_bulk_change_that_cannot_be_made_whole_changes_nothing(string body, string fields)
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"create","keys":[{"id":"a","name":"a"},{"id":"b","name":"b"}]}""");
        var before = await SnapshotAsync(instance);
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(fields, string.Join(' ', FieldsOf(problem)));
        var after = await SnapshotAsync(instance);
        Assert.Equal((before.Version, 2), (after.Version, after.Keys.Count(static k => k.Enabled)));
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_and_changes_nothing()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "a", name = "a" });
        var before = await SnapshotAsync(instance);
        Assert.Equal("a:blocked", Results(await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"block","filter":{},"dryRun":true}""")));
        var created = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"create","dryRun":true,"keys":[{"name":"n"}]}""");
        Assert.True(created["dryRun"]!.GetValue<bool>());
        Assert.Null(created["items"]![0]!["key"]);
        Assert.Equal(before.Version, (await SnapshotAsync(instance)).Version);
    }

    [Fact]
    public async Task Ten_thousand_keys_are_paged_and_searched_quickly_and_in_order()
    {
        var instance = await StartAsync();
        for (var batch = 0; batch < 10; batch++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", new
            {
                operation = "create",
                keys = Enumerable.Range(batch * 1000, 1000).Select(static i => new { id = $"k{i:00000}", name = $"key {i}", tags = (string[])[$"t{i % 100}"] }),
            });
        }

        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys/bulk", """{"operation":"block","filter":{}}""");
        Assert.Equal((HttpStatusCode.BadRequest, "filter"), (status, FieldsOf(problem).Single()));

        var seen = new List<string>();
        var slowest = TimeSpan.Zero;
        for (string? after = null; ;)
        {
            var started = Stopwatch.GetTimestamp();
            var page = await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys?limit=500" + (after is null ? "" : "&after=" + after));
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            seen.AddRange(page["items"]!.AsArray().Select(static k => k!["id"]!.GetValue<string>()));
            if (seen.Count == 500)
            {
                // What comes and goes behind the cursor or before it moves nobody else.
                await DoAsync(instance.Admin, HttpMethod.Delete, "/api/keys/k00100");
                await DoAsync(instance.Admin, HttpMethod.Delete, "/api/keys/k00499");
                await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k00200-new", name = "new" });
            }

            if ((after = page["next"]?.GetValue<string>()) is null)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(static i => $"k{i:00000}"), seen);
        var start = Stopwatch.GetTimestamp();
        var found = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys?limit=1000&tag=t7"))["items"]!.AsArray();
        TestContext.Current.SendDiagnosticMessage($"slowest page {slowest.TotalMilliseconds:F1} ms, search {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        Assert.Equal(100, found.Count);
    }

    private static string Value(JsonObject answer) => answer["key"]!.GetValue<string>();

    private static string Results(JsonObject answer) => string.Join(' ', answer["items"]!.AsArray().Select(static i => $"{i!["id"]}:{i["result"]}"));
}
