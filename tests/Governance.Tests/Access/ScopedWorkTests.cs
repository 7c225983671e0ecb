using System.Net;
using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests.Access;

public sealed class ScopedWorkOnSqliteTests() : ScopedWorkTests(null);

public sealed class ScopedWorkOnPostgresTests(PostgresServer server) : ScopedWorkTests(server);

/// <summary>A team's admin works in bulk, looks back and goes back within his teams, and learns nothing of others.</summary>
public abstract class ScopedWorkTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Keys_of_his_teams_are_changed_in_bulk_and_no_others()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        var admin = world.Callers["teamAdmin"];

        var made = await BulkAsync(admin, new { operation = "create", keys = new[] { new { id = "a", name = "a", teamId = "team-in" }, new { id = "b", name = "b", teamId = "team-in" } } });
        Assert.Equal(["created", "created"], made["items"]!.AsArray().Select(i => i!["result"]!.GetValue<string>()));
        Assert.All(made["items"]!.AsArray(), i => Assert.StartsWith("gw-", i!["key"]!.GetValue<string>(), StringComparison.Ordinal));

        // A filter finds what he sees; what he names and does not see is not there for him.
        var blocked = await BulkAsync(admin, new { operation = "block", filter = new { } });
        Assert.Equal(["a", "b", "key-in"], blocked["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()));
        Assert.True((await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/key-out"))["enabled"]!.GetValue<bool>());
        foreach (var operation in (string[])["block", "delete", "rotate"])
        {
            var hidden = await SendAsync(admin, HttpMethod.Post, "/api/keys/bulk", new { operation, ids = new[] { "a", "key-out" } });
            var absent = await SendAsync(admin, HttpMethod.Post, "/api/keys/bulk", new { operation, ids = new[] { "a", "none-such" } });
            Assert.Equal((HttpStatusCode.BadRequest, absent.Body.ToJsonString()), (hidden.Status, hidden.Body.ToJsonString().Replace("key-out", "none-such", StringComparison.Ordinal)));
        }

        // Nothing leaves his reach and nothing is made outside of it: all or none.
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(admin, HttpMethod.Post, "/api/keys/bulk", new { operation = "update", ids = new[] { "a" }, patch = new { teamId = (string?)null } })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(admin, HttpMethod.Post, "/api/keys/bulk", new { operation = "update", ids = new[] { "a" }, patch = new { teamId = "team-out" } })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(admin, HttpMethod.Post, "/api/keys/bulk", new { operation = "create", keys = new object[] { new { id = "c", name = "c", teamId = "team-in" }, new { id = "d", name = "d" } } })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/keys/c")).Status);
        foreach (var role in (string[])["teamViewer", "viewer", "auditor"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(world.Callers[role], HttpMethod.Post, "/api/keys/bulk", new { operation = "block", ids = new[] { "a" } })).Status);
        }

        Assert.Equal(2, (await BulkAsync(admin, new { operation = "delete", ids = new[] { "a", "b" } }))["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task History_begins_when_an_entry_came_into_reach()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "moved", name = "secret plan of others", teamId = "team-out" });
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/moved", new { name = "still theirs" });
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/moved", new { name = "ours", teamId = "team-in" });
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/moved", new { name = "ours too" });

        var whole = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/moved/history"))["items"]!.AsArray();
        var seen = await DoAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/keys/moved/history");

        Assert.Equal(4, whole.Count);
        Assert.Equal(["ours too", "ours"], seen["items"]!.AsArray().Select(v => v!["entry"]!["name"]!.GetValue<string>()));
        Assert.DoesNotContain("theirs", seen.ToJsonString(), StringComparison.Ordinal);
        var page = await DoAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/keys/moved/history?limit=1");
        Assert.Equal("ours too", page["items"]![0]!["entry"]!["name"]!.GetValue<string>());
        var rest = await DoAsync(world.Callers["teamAdmin"], HttpMethod.Get, $"/api/keys/moved/history?limit=1&after={page["next"]}");
        Assert.Equal(("ours", true), (rest["items"]![0]!["entry"]!["name"]!.GetValue<string>(), rest["next"] is null));

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/keys/key-out/history")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/teams/team-out/history")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(world.Callers["keyHolder"], HttpMethod.Get, "/api/keys/key-in/history")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/routes/r/history")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/teams/team-in/history")).Status);
    }

    [Fact]
    public async Task Going_back_reaches_no_further_than_the_team()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        var admin = world.Callers["teamAdmin"];
        var outside = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "moved", name = "theirs", teamId = "team-out" }))["version"]!.GetValue<long>();
        var came = (await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/moved", new { name = "ours", teamId = "team-in" }))["version"]!.GetValue<long>();
        await DoAsync(admin, HttpMethod.Patch, "/api/keys/moved", new { name = "spoilt" });

        foreach (var version in (long[])[outside, 1])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(admin, HttpMethod.Post, "/api/keys/moved/rollback", new { version, dryRun = true })).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(admin, HttpMethod.Post, "/api/keys/moved/rollback", new { version })).Status);
        }

        var dry = await DoAsync(admin, HttpMethod.Post, "/api/keys/moved/rollback", new { version = came, dryRun = true });
        Assert.Equal("name", dry["changes"]![0]!["changes"]![0]!["field"]!.GetValue<string>());
        await DoAsync(admin, HttpMethod.Post, "/api/keys/moved/rollback", new { version = came });
        Assert.Equal("ours", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/moved"))["name"]!.GetValue<string>());

        // He does not change the team that he is named for, so he does not take it back either; nor does he go back with the whole.
        var team = (await DoAsync(instance.Admin, HttpMethod.Patch, "/api/teams/team-in", new { limits = new { concurrency = 1 } }))["version"]!.GetValue<long>();
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(admin, HttpMethod.Post, "/api/teams/team-in/rollback", new { version = team - 1 })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(admin, HttpMethod.Post, "/api/config/rollback", new { version = team })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(admin, HttpMethod.Post, "/api/keys/key-out/rollback", new { version = came })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(world.Callers["teamViewer"], HttpMethod.Post, "/api/keys/moved/rollback", new { version = came })).Status);
    }

    private static Task<JsonObject> BulkAsync(HttpClient client, object body) => DoAsync(client, HttpMethod.Post, "/api/keys/bulk", body);
}
