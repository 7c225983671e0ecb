using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Snapshots;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class SnapshotOnSqliteTests() : SnapshotTests(null);

public sealed class SnapshotOnPostgresTests(PostgresServer server) : SnapshotTests(server);

public abstract class SnapshotTests(PostgresServer? server) : GovernanceTests(server)
{
    [Theory]
    [InlineData("PATCH", "credentials/c", """{"secret":"sk-1"}""", "credential:c")]
    [InlineData("PUT", "credentials/c", """{"providerId":"p","secret":"sk-1"}""", "credential:c")]
    [InlineData("PATCH", "credentials/c", "{}", "credential:c")]
    [InlineData("PATCH", "providers/p", "{}", "provider:p")]
    public async Task A_save_without_a_change_is_one_to_the_edges(string method, string path, string body, string revision)
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c", providerId = "p", secret = "sk-1" });
        var before = await SnapshotAsync(instance);
        await DoAsync(instance.Admin, new HttpMethod(method), "/api/" + path, body);
        var after = await SnapshotAsync(instance, before.Version);
        Assert.True(after.Revisions[revision] > before.Revisions[revision]);
        Assert.Equal(before.Revisions.Where(r => r.Key != revision), after.Revisions.Where(r => r.Key != revision));
        Assert.Equal("sk-1", after.Credentials.Single(c => c.Id == "c").Secret);
    }

    [Fact]
    public async Task Without_any_provider_there_is_the_demo_model()
    {
        var snapshot = await SnapshotAsync(await StartAsync());

        Assert.Equal(("demo", ProviderKind.Demo), (snapshot.Providers.Single().Id, snapshot.Providers.Single().Kind));
        Assert.Equal(new DeploymentEntry { Id = "demo", ProviderId = "demo", Model = "demo" }, snapshot.Deployments.Single());
        Assert.Equal(("demo", "demo"), (snapshot.Routes.Single().Name, snapshot.Routes.Single().Targets.Single().DeploymentId));
    }

    [Fact]
    public async Task A_waiting_poll_is_answered_when_something_changes_and_holds_the_change()
    {
        var instance = await StartAsync();
        var version = (await SnapshotAsync(instance)).Version;

        for (var i = 0; i < 5; i++)
        {
            var poll = SnapshotAsync(instance, version);
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = $"k{i}", name = "k" });
            var snapshot = await poll;
            Assert.True(snapshot.Version > version);
            Assert.Equal(i + 1, snapshot.Keys.Count);
            version = snapshot.Version;
        }

        var revoked = SnapshotAsync(instance, version);
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/keys/k2");
        Assert.Equal(["k0", "k1", "k3", "k4"], (await revoked).Keys.Select(k => k.Id));
    }

    [Fact]
    public async Task A_poll_that_waits_in_vain_ends_with_204_and_a_known_change_is_given_at_once()
    {
        var instance = await StartAsync();
        var version = (await SnapshotAsync(instance)).Version;

        using var none = await instance.Internal.GetAsync($"/internal/snapshot?after={version}&waitSeconds=1", Cancellation);
        using var now = await instance.Internal.GetAsync($"/internal/snapshot?after={version}", Cancellation);
        var watch = Stopwatch.StartNew();
        var known = await SnapshotAsync(instance, version - 1, waitSeconds: 60);

        Assert.Equal(HttpStatusCode.NoContent, none.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, now.StatusCode);
        Assert.Equal(version, known.Version);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "A poll behind the current version must not wait.");
    }

    [Theory]
    [InlineData("?after=-1")]
    [InlineData("?after=x")]
    [InlineData("?waitSeconds=61")]
    [InlineData("?after=9223372036854775807")]
    public async Task A_poll_that_makes_no_sense_is_refused(string query)
    {
        var instance = await StartAsync();
        var (status, _, _) = await SendAsync(instance.Internal, HttpMethod.Get, $"/internal/snapshot{query}");

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task The_internal_addresses_need_the_internal_token()
    {
        var instance = await StartAsync();
        foreach (var client in (HttpClient[])[instance.Anonymous, instance.Admin])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(client, HttpMethod.Get, "/internal/snapshot")).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(client, HttpMethod.Post, "/internal/usage", "{}")).Status);
        }
    }

    [Fact]
    public async Task The_version_only_grows_over_restarts_a_lost_database_and_a_restored_one()
    {
        var first = await StartAsync();
        var version = (await SnapshotAsync(first)).Version;
        await StopAsync(first);

        var second = await StartAsync();
        var afterRestart = (await SnapshotAsync(second, version)).Version;
        await StopAsync(second);
        await ForgetStoreAsync();

        var third = await StartAsync();
        var afterLoss = (await SnapshotAsync(third, afterRestart)).Version;
        Assert.True(version < afterRestart && afterRestart < afterLoss, $"{version}, {afterRestart}, {afterLoss}");

        // An edge that has seen more than the database knows, as after the restore of a backup.
        Assert.True((await SnapshotAsync(third, afterLoss + 1000)).Version > afterLoss + 1000);
    }

    [Fact]
    public async Task Every_answer_names_its_store_which_keeps_its_id_over_a_restart_and_has_another_when_made_anew()
    {
        var first = await StartAsync();
        var given = await AskAsync(first, 0, waitSeconds: 0);
        var nothing = await AskAsync(first, given.Version, waitSeconds: 0);
        await StopAsync(first);
        var restarted = await StartAsync();
        var again = await AskAsync(restarted, given.Version, waitSeconds: 30);
        await StopAsync(restarted);
        await ForgetStoreAsync();
        var other = await AskAsync(await StartAsync(), 0, waitSeconds: 30);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NoContent), (given.Status, nothing.Status));
        Assert.True(Guid.TryParse(given.Source, out _), $"'{given.Source}' is no GUID.");
        Assert.Equal((given.Source, given.Source), (nothing.Source, again.Source));
        Assert.True(Guid.TryParse(other.Source, out _), $"'{other.Source}' is no GUID.");
        Assert.NotEqual(given.Source, other.Source);
    }

    [Fact]
    public async Task A_version_of_another_store_is_answered_at_once_with_what_there_is()
    {
        var instance = await StartAsync();
        var (_, version, source) = await AskAsync(instance, 0, waitSeconds: 0);
        var elsewhere = Guid.NewGuid().ToString();
        var watch = Stopwatch.StartNew();

        foreach (var after in (long[])[version, version + 1000, long.MaxValue])
        {
            Assert.Equal((HttpStatusCode.OK, version, source), await AskAsync(instance, after, waitSeconds: 60, elsewhere));
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "A poll with a version of another store must not wait.");
        Assert.Equal((HttpStatusCode.NoContent, 0, source), await AskAsync(instance, version, waitSeconds: 0, source));
    }

    [Fact]
    public async Task Keys_of_the_environment_become_providers_and_a_stored_entry_wins()
    {
        var settings = new Dictionary<string, string?> { ["OPENAI_API_KEY"] = "sk-from-the-environment" };
        var instance = await StartAsync(settings: settings);
        var detected = await SnapshotAsync(instance);

        Assert.Equal("https://api.openai.com/v1", detected.Providers.Single(p => p.Id == "openai").BaseUrl);
        Assert.Equal("sk-from-the-environment", detected.Credentials.Single(c => c.Id == "openai-env").Secret);
        Assert.Contains(detected.Routes, r => r.Name == "openai/*");
        Assert.Contains(detected.Routes, r => r.Name == "demo");
        var listed = await DoAsync(instance.Admin, HttpMethod.Get, "/api/providers/openai");
        Assert.Equal("environment", listed["source"]!.GetValue<string>());
        Assert.DoesNotContain("sk-from", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/credentials")).ToJsonString() + instance.Log, StringComparison.Ordinal);
        Assert.Equal("not_stored", (await SendAsync(instance.Admin, HttpMethod.Patch, "/api/providers/openai", new { baseUrl = "https://x.test" })).Body["code"]!.GetValue<string>());

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "openai", baseUrl = "https://proxy.test/v1" });
        var replaced = await SnapshotAsync(instance, detected.Version);
        Assert.Equal("https://proxy.test/v1", replaced.Providers.Single(p => p.Id == "openai").BaseUrl);
        Assert.Equal(detected.Deployments.Count, replaced.Deployments.Count);

        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/providers/openai");
        Assert.Equal("https://api.openai.com/v1", (await SnapshotAsync(instance, replaced.Version)).Providers.Single(p => p.Id == "openai").BaseUrl);
    }

    [Fact]
    public async Task Detected_and_stored_entries_are_listed_together_in_order()
    {
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["OPENAI_API_KEY"] = "sk-e", ["GROQ_API_KEY"] = "gsk-e" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "abc", baseUrl = "https://abc.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "hij", baseUrl = "https://hij.test/v1" });

        var first = await DoAsync(instance.Admin, HttpMethod.Get, "/api/providers?limit=3");
        var second = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/providers?limit=3&after={first["next"]!.GetValue<string>()}");

        Assert.Equal(
            ["abc stored", "demo built-in", "groq environment", "hij stored", "openai environment"],
            first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(p => $"{p!["id"]} {p["source"]}"));
        Assert.Null(second["next"]);
    }

    [Fact]
    public async Task An_ollama_on_its_port_becomes_a_provider_by_itself()
    {
        await using var ollama = await FakeOllama.StartAsync(Cancellation);
        var instance = await StartAsync(settings: new Dictionary<string, string?> { ["OLLAMA_HOST"] = ollama.Host });

        var snapshot = await SnapshotAsync(instance);
        while (snapshot.Providers.All(p => p.Id != "ollama"))
        {
            snapshot = await SnapshotAsync(instance, snapshot.Version);
        }

        Assert.Contains(snapshot.Deployments, d => d.Id == "ollama/llama3.2:1b");
        Assert.Contains(snapshot.Routes, r => r.Name == "llama3.2:1b");
    }

    [Fact]
    public async Task Keys_made_by_many_callers_at_once_are_all_in_the_snapshot()
    {
        var instance = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = 0; i < 50; i++)
            {
                await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = $"k-{worker}-{i}", name = "k" });
            }
        }));

        var snapshot = await SnapshotAsync(instance);

        Assert.Equal(400, snapshot.Keys.Count);
        Assert.Equal(400, snapshot.Keys.Select(k => k.Sha256).Distinct().Count());
    }

    [Fact]
    public async Task An_edge_that_can_read_differences_is_given_them_until_it_ends_up_with_the_same()
    {
        var instance = await StartAsync();
        var edge = await FollowAsync(instance, SnapshotImage.Empty);
        Assert.False(edge.IsDifference);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t" });
        var made = await FollowAsync(instance, edge.Image);
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Post, "/api/keys", new { id = "k1", name = "k", teamId = "t" }),
            (HttpMethod.Post, "/api/keys", new { id = "k2", name = "k" }),
            (HttpMethod.Patch, "/api/teams/t", new { enabled = false }),
            (HttpMethod.Delete, "/api/keys/k1", null),
        })
        {
            await DoAsync(instance.Admin, method, path, body);
        }

        var changed = await FollowAsync(instance, made.Image);
        var whole = await FollowAsync(instance, SnapshotImage.Empty);

        Assert.True(made.IsDifference && changed.IsDifference && !whole.IsDifference);
        Assert.Equal((whole.Image.Version, whole.Image.Digest), (changed.Image.Version, changed.Image.Digest));
        Assert.Equal(whole.Image.ToJson(), changed.Image.ToJson());
        Assert.Equal(["k2"], changed.Image.Snapshot.Keys.Select(static k => k.Id));
        Assert.False(changed.Image.Snapshot.Teams.Single().Enabled);
    }

    [Fact]
    public async Task What_does_not_work_is_left_out_of_differences_as_of_the_whole()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c", providerId = "p", secret = "sk-1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "d", providerId = "p", credentialId = "c", model = "m" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/routes", new { name = "r", targets = new[] { new { deploymentId = "d" } } });
        var edge = (await FollowAsync(instance, SnapshotImage.Empty)).Image;
        Assert.Contains(edge.Snapshot.Routes, static r => r.Name == "r");

        // As when the key ring is not the one that the secret was sealed under: the credential goes, and with it what names it.
        await ExecuteAsync(
            instance,
            "UPDATE config_version SET version = version + 1; "
            + "UPDATE config_entries SET body = REPLACE(body, '\"keyId\":\"', '\"keyId\":\"x'), version = (SELECT version FROM config_version) WHERE kind = 'credential'");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t" });
        var after = await FollowAsync(instance, edge);

        Assert.True(after.IsDifference);
        Assert.Empty(after.Image.Snapshot.Credentials);
        Assert.DoesNotContain(after.Image.Snapshot.Routes, static r => r.Name == "r");
        Assert.Equal((await FollowAsync(instance, SnapshotImage.Empty)).Image.ToJson(), after.Image.ToJson());
    }

    [Fact]
    public async Task An_edge_that_has_something_else_is_given_the_whole()
    {
        var instance = await StartAsync();
        var first = (await FollowAsync(instance, SnapshotImage.Empty)).Image;
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k" });
        var other = first.With(first.Snapshot with { Teams = [new TeamEntry { Id = "t", Name = "t" }] });

        Assert.False((await FollowAsync(instance, other)).IsDifference);
        Assert.False((await FollowAsync(instance, first.With(first.Snapshot with { Version = first.Version - 1 }))).IsDifference);
        Assert.False((await FollowAsync(instance, first, Guid.NewGuid().ToString())).IsDifference);
        Assert.True((await FollowAsync(instance, first)).IsDifference);
    }

    [Fact]
    public async Task After_a_restart_an_edge_that_waits_is_given_the_difference()
    {
        var before = await StartAsync();
        await DoAsync(before.Admin, HttpMethod.Post, "/api/keys", new { id = "k1", name = "k" });
        var edge = (await FollowAsync(before, SnapshotImage.Empty)).Image;
        await StopAsync(before);

        var instance = await StartAsync();
        var now = (await FollowAsync(instance, SnapshotImage.Empty)).Image;
        edge = now.Version == edge.Version ? edge : now;
        using var nothing = await instance.Internal.GetAsync(Question(edge, waitSeconds: 0), Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k2", name = "k" });
        var (image, isDifference) = await FollowAsync(instance, edge);

        Assert.True(isDifference);
        Assert.Equal(["k1", "k2"], image.Snapshot.Keys.Select(static k => k.Id));
    }

    private static async Task<(HttpStatusCode Status, long Version, string? Source)> AskAsync(Instance instance, long after, int waitSeconds, string? source = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/internal/snapshot?after={after}&waitSeconds={waitSeconds}");
        if (source is not null)
        {
            request.Headers.Add(WireNames.SnapshotSourceHeader, source);
        }

        using var response = await instance.Internal.SendAsync(request, Cancellation);
        var version = response.StatusCode == HttpStatusCode.OK
            ? (await response.Content.ReadFromJsonAsync(ContractsJson.Default.GatewaySnapshot, Cancellation))!.Version
            : 0;
        return (response.StatusCode, version, response.Headers.TryGetValues(WireNames.SnapshotSourceHeader, out var values) ? values.Single() : null);
    }
}
