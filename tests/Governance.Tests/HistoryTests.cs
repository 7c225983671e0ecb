using System.Net;
using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class HistoryOnSqliteTests() : HistoryTests(null);

public sealed class HistoryOnPostgresTests(PostgresServer server) : HistoryTests(server);

public abstract class HistoryTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Every_version_of_an_entry_is_kept_with_what_changed_also_after_it_was_deleted()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"t1","name":"One"}""");
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/teams/t1", """{"name":"Two","limits":{"concurrency":3}}""");
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/teams/t1");

        var items = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams/t1/history"))["items"]!.AsArray();

        Assert.Equal(["delete", "change", "create"], items.Select(i => i!["action"]!.GetValue<string>()));
        Assert.Equal(["name", "limits.concurrency"], items[1]!["changes"]!.AsArray().Select(c => c!["field"]!.GetValue<string>()));
        Assert.Equal("One", items[2]!["entry"]!["name"]!.GetValue<string>());
        Assert.Equal("admin-key:bootstrap", items[0]!["actor"]!["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams/none/history")).Status);
        var page = await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams/t1/history?limit=2");
        Assert.Single((await DoAsync(instance.Admin, HttpMethod.Get, $"/api/teams/t1/history?limit=2&after={page["next"]}"))["items"]!.AsArray());
    }

    [Fact]
    public async Task The_whole_configuration_goes_back_to_a_version_after_a_look_at_what_would_change()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b1","name":"B","limitNanoUsd":5}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"t1","name":"One","budgetIds":["b1"]}""");
        var version = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/config/versions"))["items"]![0]!["version"]!.GetValue<long>();
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/teams/t1");
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/budgets/b1");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"t2","name":"Two"}""");
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/settings", """{"maxJsonDepth":9}""");

        var dry = await DoAsync(instance.Admin, HttpMethod.Post, "/api/config/rollback", new { version, dryRun = true });
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams/t1")).Status);
        var done = await DoAsync(instance.Admin, HttpMethod.Post, "/api/config/rollback", new { version });

        Assert.Equal(["budget b1 create", "settings settings delete", "team t1 create", "team t2 delete"], Changes(done));
        Assert.Equal(Changes(dry), Changes(done));
        Assert.Equal("One", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams/t1"))["name"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams/t2")).Status);
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, $"/api/config/diff?from={version}"))["changes"]!.AsArray());
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Post, "/api/config/rollback", new { version }))["changes"]!.AsArray());
        var rows = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?kind=team&id=t1"))["items"]!.AsArray();
        Assert.Equal($"rollback to {version}", rows[0]!["detail"]!["via"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_rollback_that_would_leave_a_dangling_reference_changes_nothing()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b1","name":"B","limitNanoUsd":5}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"t1","name":"One","budgetIds":["b1"]}""");
        var version = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams/t1"))["version"]!.GetValue<long>();
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/teams/t1", """{"name":"One"}""");
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/budgets/b1");

        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams/t1/rollback", new { version });

        Assert.Equal((HttpStatusCode.Conflict, "rollback_conflict"), (status, problem["code"]!.GetValue<string>()));
        Assert.Equal(["teams.t1.budgetIds[0]"], FieldsOf(problem));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams/t1/rollback", new { version }, "\"1\"")).Status);
        Assert.Equal(["dry", "versoin"], FieldsOf((await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams/t1/rollback", """{"version":1,"versoin":1,"dry":true}""")).Body).Order());
    }

    [Fact]
    public async Task A_withdrawn_key_does_not_come_back_and_a_sealed_secret_does()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", """{"id":"acme","kind":"openai","baseUrl":"https://llm.acme.test/v1"}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", """{"id":"c1","providerId":"acme","secret":"first"}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", """{"id":"k1","name":"k"}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", """{"id":"k2","name":"k"}""");
        var version = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/k2"))["version"]!.GetValue<long>();
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/credentials/c1", """{"providerId":"acme","secret":"second"}""");
        var renewed = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys/k1/regenerate"))["key"]!.GetValue<string>();
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/keys/k2");

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/config/rollback", new { version });

        var snapshot = await SnapshotAsync(instance);
        Assert.Equal("first", snapshot.Credentials.Single(c => c.Id == "c1").Secret);
        Assert.Equal(Keys.KeyMaterial.Hash(renewed), snapshot.Keys.Single(k => k.Id == "k1").Sha256);
        Assert.False(snapshot.Keys.Single(k => k.Id == "k2").Enabled);
    }

    private static string[] Changes(JsonObject report) => [.. report["changes"]!.AsArray().Select(c => $"{c!["kind"]} {c["id"]} {c["action"]}").Order(StringComparer.Ordinal)];
}
