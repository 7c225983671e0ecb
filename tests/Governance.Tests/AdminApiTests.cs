using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class AdminApiOnSqliteTests() : AdminApiTests(null);

public sealed class AdminApiOnPostgresTests(PostgresServer server) : AdminApiTests(server);

public abstract class AdminApiTests(PostgresServer? server) : GovernanceTests(server)
{
    private static readonly HttpMethod[] Methods = [HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "missing_admin_key")]
    [InlineData("gwa-0123456789012345678901234567890123456789012", HttpStatusCode.Unauthorized, "invalid_admin_key")]
    [InlineData("gwa-' OR 1=1 --", HttpStatusCode.Unauthorized, "invalid_admin_key")]
    [InlineData("gw-01234567890123456789012345678901234567890AB", HttpStatusCode.Unauthorized, "invalid_admin_key")]
    public async Task Only_an_admin_key_opens_the_admin_api(string? key, HttpStatusCode expected, string code)
    {
        var instance = await StartAsync();
        if (key is not null)
        {
            instance.Anonymous.DefaultRequestHeaders.Authorization = new("Bearer", key);
        }

        foreach (var path in (string[])["/api/keys", "/api/keys/dev", "/api/credentials", "/api/usage", "/api/status", "/api/settings", "/api/no/such", "/API/keys"])
        {
            foreach (var method in Methods)
            {
                var (status, problem, _) = await SendAsync(instance.Anonymous, method, path);
                Assert.Equal(expected, status);
                Assert.Equal(code, problem["code"]!.GetValue<string>());
            }
        }
    }

    [Fact]
    public async Task Every_field_of_every_entry_can_be_set_and_reaches_the_snapshot()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", """
            {"id":"acme","kind":"openai","baseUrl":"https://llm.acme.test/v1","authHeader":"x-api-key","headers":{"x-org":"42"},"streamUsageOption":false,
             "allowLinkLocal":true,"timeouts":{"connectMs":1,"firstByteMs":2,"idleMs":3,"totalMs":4}}
            """);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", """{"id":"acme-1","providerId":"acme","secret":"sk-acme-secret"}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", """
            {"id":"acme/large","providerId":"acme","credentialId":"acme-1","model":"large-2","maxOutputTokens":8192,
             "price":{"version":"2026-11-21","inputPerMillion":1,"outputPerMillion":2,"cacheReadPerMillion":3,"cacheWritePerMillion":4,"reasoningPerMillion":5,
                      "audioInputPerMillion":6,"audioOutputPerMillion":7,"perRequest":8}}
            """);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/routes", """
            {"name":"acme/*","strategy":"Weighted","maxAttempts":7,"targets":[{"deploymentId":"acme/large","weight":9,"priority":2},{"deploymentId":"demo","weight":0,"priority":3}]}
            """);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b1","name":"Small","limitNanoUsd":5000000000,"window":"Week"}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """
            {"id":"t1","name":"Team one","limits":{"requestsPerMinute":1,"tokensPerMinute":2,"concurrency":3},"budgetIds":["b1"]}
            """);
        var created = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", """
            {"id":"k1","name":"Key one","teamId":"t1","enabled":false,"expiresAt":"2031-02-03T04:05:06+02:00","allowedModels":["acme/*","demo"],"allowedProviders":["acme"],
             "allowedIps":["10.0.0.0/8","192.0.2.7","2001:db8::1"],"requiredMetadata":["project"],"limits":{"requestsPerMinute":4,"tokensPerMinute":5,"concurrency":6},"budgetIds":["b1"]}
            """);
        await DoAsync(instance.Admin, HttpMethod.Put, "/api/settings", """
            {"maxRequestBytes":2048,"maxJsonDepth":9,"defaultOutputTokens":10,"unpriced":"Allow","blockedTerms":["secret project"],"guardrailFailure":"Open","cache":"Off"}
            """);

        var snapshot = await SnapshotAsync(instance);

        var provider = snapshot.Providers.Single(p => p.Id == "acme");
        Assert.Equal((ProviderKind.OpenAI, "https://llm.acme.test/v1", "x-api-key", false, true), (provider.Kind, provider.BaseUrl, provider.AuthHeader, provider.StreamUsageOption, provider.AllowLinkLocal));
        Assert.Equal("42", provider.Headers["x-org"]);
        Assert.Equal(new TimeoutEntry { ConnectMs = 1, FirstByteMs = 2, IdleMs = 3, TotalMs = 4 }, provider.Timeouts);
        Assert.Equal(new CredentialEntry { Id = "acme-1", ProviderId = "acme", Secret = "sk-acme-secret" }, snapshot.Credentials.Single());
        Assert.Equivalent(
            new DeploymentEntry
            {
                Id = "acme/large",
                ProviderId = "acme",
                CredentialId = "acme-1",
                Model = "large-2",
                MaxOutputTokens = 8192,
                Price = new PriceEntry
                {
                    Version = "2026-11-21",
                    InputPerMillion = 1,
                    OutputPerMillion = 2,
                    CacheReadPerMillion = 3,
                    CacheWritePerMillion = 4,
                    ReasoningPerMillion = 5,
                    AudioInputPerMillion = 6,
                    AudioOutputPerMillion = 7,
                    PerRequest = 8,
                },
            },
            snapshot.Deployments.Single(d => d.Id == "acme/large"),
            strict: true);
        var route = snapshot.Routes.Single(r => r.Name == "acme/*");
        Assert.Equal((RouteStrategy.Weighted, 7), (route.Strategy, route.MaxAttempts));
        Assert.Equal([new RouteTarget { DeploymentId = "acme/large", Weight = 9, Priority = 2 }, new RouteTarget { DeploymentId = "demo", Weight = 0, Priority = 3 }], route.Targets);
        var budget = snapshot.Budgets.Single();
        Assert.Equal(("b1", "Small", 5_000_000_000, BudgetWindow.Week), (budget.Id, budget.Name, budget.LimitNanoUsd, budget.Window));
        var team = snapshot.Teams.Single();
        Assert.Equal(("t1", "Team one", "b1"), (team.Id, team.Name, team.BudgetIds.Single()));
        Assert.Equal(new RateLimitEntry { RequestsPerMinute = 1, TokensPerMinute = 2, Concurrency = 3 }, team.Limits);
        var key = snapshot.Keys.Single();
        Assert.Equal(("k1", "Key one", "t1", false), (key.Id, key.Name, key.TeamId, key.Enabled));
        Assert.Equal(new DateTimeOffset(2031, 2, 3, 2, 5, 6, TimeSpan.Zero), key.ExpiresAt);
        Assert.Equal(["acme/*", "demo"], key.AllowedModels);
        Assert.Equal(["acme"], key.AllowedProviders);
        Assert.Equal(["10.0.0.0/8", "192.0.2.7/32", "2001:db8::1/128"], key.AllowedIps);
        Assert.Equal(["project"], key.RequiredMetadata);
        Assert.Equal(new RateLimitEntry { RequestsPerMinute = 4, TokensPerMinute = 5, Concurrency = 6 }, key.Limits);
        Assert.Equal(["b1"], key.BudgetIds);
        Assert.Equal(Keys.KeyMaterial.Hash(created["key"]!.GetValue<string>()), key.Sha256);
        var settings = snapshot.Settings;
        Assert.Equal((2048, 9, 10, UnpricedPolicy.Allow, FailPolicy.Open, CacheMode.Off), (settings.MaxRequestBytes, settings.MaxJsonDepth, settings.DefaultOutputTokens, settings.Unpriced, settings.GuardrailFailure, settings.Cache));
        Assert.Equal(["secret project"], settings.BlockedTerms);
    }

    [Fact]
    public async Task Every_error_is_told_at_once_with_its_field_and_the_legal_values()
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/providers", """
            {"id":"Bad Id","kind":"Palm","baseUrl":"ftp://x","headers":{"Authorization":"Bearer s","x-n":5},"streamUsageOption":"yes","timeouts":{"idleMs":0,"idle":1},"basUrl":"y"}
            """);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_fields", problem["code"]!.GetValue<string>());
        Assert.Equal(
            ["basUrl", "baseUrl", "headers.Authorization", "headers.x-n", "id", "kind", "streamUsageOption", "timeouts.idle", "timeouts.idleMs"],
            FieldsOf(problem).Order(StringComparer.Ordinal));
        var text = problem.ToJsonString();
        Assert.Contains("OpenAI, Demo", text, StringComparison.Ordinal);
        Assert.Contains("Legal fields: connectMs, firstByteMs, idleMs, totalMs", text, StringComparison.Ordinal);

        var (_, route, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/routes", """{"name":"r","targets":[{"deploymentId":"d","weight":1001},{"weight":1}],"maxAttempts":11,"strategy":4}""");
        Assert.Equal(["maxAttempts", "strategy", "targets[0].weight", "targets[1].deploymentId"], FieldsOf(route).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{", "malformed_request")]
    [InlineData("[]", "malformed_request")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "malformed_request")]
    [InlineData("{\"name\":\"a\\u0000b\"}", "invalid_fields")]
    [InlineData("{\"name\":\"\"}", "invalid_fields")]
    [InlineData("{\"name\":null}", "invalid_fields")]
    public async Task A_body_that_cannot_be_used_is_refused_with_400(string body, string code)
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(code, problem["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Other_mistakes_get_their_own_status()
    {
        var instance = await StartAsync();
        using var text = await instance.Admin.PostAsync("/api/teams", new StringContent("{\"name\":\"a\"}"), Cancellation);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/nothing")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams/none")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Put, "/api/teams/none", new { name = "x" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Delete, "/api/teams/none")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await SendAsync(instance.Admin, HttpMethod.Delete, "/api/settings")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams?limit=0")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams?limit=many")).Status);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "x" });
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "x" })).Status);
    }

    [Fact]
    public async Task A_body_announced_as_too_large_is_refused_before_it_is_sent()
    {
        var instance = await StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(instance.Address.Host, instance.Address.Port, Cancellation);
        var stream = client.GetStream();
        var head = $"POST /api/teams HTTP/1.1\r\nHost: localhost\r\nAuthorization: {instance.Admin.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        using var reader = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 413", await reader.ReadLineAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_entry_names_must_exist_and_cannot_be_deleted_while_it_is_named()
    {
        var instance = await StartAsync();
        var (missing, problem, _) = await SendAsync(
            instance.Admin, HttpMethod.Post, "/api/keys", new { name = "k", teamId = "none", allowedProviders = (string[])["demo", "none"], budgetIds = (string[])["none"] });
        Assert.Equal(HttpStatusCode.BadRequest, missing);
        Assert.Equal(["teamId", "allowedProviders[1]", "budgetIds[0]"], FieldsOf(problem));

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "https://p.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "q", baseUrl = "https://q.test/v1" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/credentials", new { id = "c", providerId = "p", secret = "s3cret" });
        Assert.Equal(
            ["credentialId"],
            FieldsOf((await SendAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "d", providerId = "q", credentialId = "c", model = "m" })).Body));
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "d", providerId = "p", credentialId = "c", model = "m" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/routes", new { name = "r", targets = (object[])[new { deploymentId = "d" }] });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id = "b", name = "b", limitNanoUsd = 1 });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t", budgetIds = (string[])["b"] });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k", teamId = "t" });

        foreach (var (path, by) in ((string, string)[])
            [("providers/p", "credential 'c'"), ("credentials/c", "deployment 'd'"), ("deployments/d", "route 'r'"), ("budgets/b", "team 't'"), ("teams/t", "key 'k'")])
        {
            var (status, conflict, _) = await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/{path}");
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains(by, conflict["referredBy"]!.AsArray().Select(r => r!.GetValue<string>()));
        }

        foreach (var path in (string[])["keys/k", "teams/t", "budgets/b", "routes/r", "deployments/d", "credentials/c", "providers/p"])
        {
            await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/{path}");
        }
    }

    [Fact]
    public async Task A_change_on_a_stale_version_is_refused()
    {
        var instance = await StartAsync();
        var (_, _, first) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "one" });
        var (_, _, second) = await SendAsync(instance.Admin, HttpMethod.Put, "/api/teams/t", new { name = "two" }, first);

        Assert.NotEqual(first, second);
        Assert.Equal(second, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/teams/t")).ETag);
        foreach (var method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete])
        {
            var (status, problem, _) = await SendAsync(instance.Admin, method, "/api/teams/t", method == HttpMethod.Delete ? null : new { name = "three" }, first);
            Assert.Equal(HttpStatusCode.PreconditionFailed, status);
            Assert.Contains(second!, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        Assert.Equal("two", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams/t"))["name"]!.GetValue<string>());
        var (_, _, settings) = await SendAsync(instance.Admin, HttpMethod.Get, "/api/settings");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { maxJsonDepth = 32 }, settings)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { maxJsonDepth = 33 }, settings)).Status);
    }

    [Theory]
    [InlineData("""{"maxRequestBytes":2048}""")]
    [InlineData("""{"maxJsonDepth":9}""")]
    [InlineData("""{"defaultOutputTokens":10}""")]
    [InlineData("""{"unpriced":"allow"}""")]
    [InlineData("""{"blockedTerms":["secret project"]}""")]
    [InlineData("""{"guardrailFailure":"Open"}""")]
    [InlineData("""{"cache":"Off"}""")]
    [InlineData("""{"health":{"cooldownMs":1000}}""")]
    [InlineData("""{"health":{"providerConcurrency":5}}""")]
    [InlineData("""{"health":{"providerConcurrency":null}}""")]
    [InlineData("""{"health":null}""")]
    [InlineData("{}")]
    public async Task One_setting_alone_can_be_changed(string patch)
    {
        var instance = await StartAsync();
        foreach (var first in (string?[])[null, """{"maxJsonDepth":32,"health":{"cooldownMs":2000}}"""])
        {
            if (first is not null)
            {
                await DoAsync(instance.Admin, HttpMethod.Put, "/api/settings", first);
            }

            var (status, body, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/settings", patch);
            Assert.True(status == HttpStatusCode.OK, $"{status} {body}");
            var (echoed, echo, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/settings", body.ToJsonString());
            Assert.True(echoed == HttpStatusCode.OK, $"{echoed} {echo}");
        }
    }

    [Fact]
    public async Task Of_many_writers_with_the_same_version_one_wins()
    {
        var instance = await StartAsync();
        var (_, _, tag) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "start" });

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => SendAsync(instance.Admin, HttpMethod.Put, "/api/teams/t", new { name = $"writer {i}" }, tag)));

        var winner = Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.Equal(11, answers.Count(a => a.Status == HttpStatusCode.PreconditionFailed));
        Assert.Equal(winner.Body["name"]!.GetValue<string>(), (await DoAsync(instance.Admin, HttpMethod.Get, "/api/teams/t"))["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back_and_a_patch_changes_only_what_it_names()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k", allowedModels = (string[])["a", "b"], limits = new { requestsPerMinute = 5, concurrency = 2 } });
        var before = await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/k");

        await DoAsync(instance.Admin, HttpMethod.Put, "/api/keys/k", before.ToJsonString());
        var patched = await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/k", """{"enabled":false,"limits":{"concurrency":null},"allowedModels":["c"]}""");

        Assert.False(patched["enabled"]!.GetValue<bool>());
        Assert.Equal("k", patched["name"]!.GetValue<string>());
        Assert.Equal("""{"requestsPerMinute":5}""", patched["limits"]!.ToJsonString());
        Assert.Equal("""["c"]""", patched["allowedModels"]!.ToJsonString());
        Assert.Equal(before["prefix"]!.GetValue<string>(), patched["prefix"]!.GetValue<string>());
        Assert.Equal(["id"], FieldsOf((await SendAsync(instance.Admin, HttpMethod.Patch, "/api/keys/k", new { id = "other" })).Body));
    }

    [Fact]
    public async Task Lists_are_paged_by_id_without_gaps()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 25; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id = $"b{i:00}", name = "b", limitNanoUsd = i });
        }

        var seen = new List<string>();
        var pages = 0;
        for (string? next = ""; next is not null; pages++)
        {
            var page = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/budgets?limit=10{(next.Length == 0 ? "" : $"&after={next}")}");
            seen.AddRange(page["items"]!.AsArray().Select(i => i!["id"]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
        }

        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"b{i:00}"), seen);
    }

    [Fact]
    public async Task A_virtual_key_is_shown_once_and_can_be_given_a_new_value()
    {
        var instance = await StartAsync();
        var created = await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { name = "k" });
        var (id, key) = (created["id"]!.GetValue<string>(), created["key"]!.GetValue<string>());
        var read = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/keys/{id}");
        var list = await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys");

        Assert.Matches("^gw-[A-Za-z0-9_-]{43}$", key);
        Assert.StartsWith(read["prefix"]!.GetValue<string>(), key, StringComparison.Ordinal);
        Assert.Null(read["key"]);
        Assert.DoesNotContain(key, list.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("sha256", list.ToJsonString(), StringComparison.OrdinalIgnoreCase);

        var renewed = (await DoAsync(instance.Admin, HttpMethod.Post, $"/api/keys/{id}/regenerate"))["key"]!.GetValue<string>();
        Assert.NotEqual(key, renewed);
        Assert.Equal(Keys.KeyMaterial.Hash(renewed), (await SnapshotAsync(instance)).Keys.Single().Sha256);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/keys/none/regenerate")).Status);
        Assert.DoesNotContain(key, instance.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(renewed, instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_with_slashes_work_plain_and_encoded()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "demo/x:1", providerId = "demo", model = "x" });

        Assert.Equal("x", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/deployments/demo/x:1"))["model"]!.GetValue<string>());
        Assert.Equal("x", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/deployments/demo%2Fx%3A1"))["model"]!.GetValue<string>());
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/deployments/demo%2fx:1");
    }

    [Fact]
    public async Task The_status_names_the_store_and_counts_what_is_in_it()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { name = "t" });
        var snapshot = await SnapshotAsync(instance);

        var status = await DoAsync(instance.Admin, HttpMethod.Get, "/api/status");

        Assert.Equal(IsPostgres ? "postgres" : "sqlite", status["store"]!["kind"]!.GetValue<string>());
        Assert.True(status["store"]!["sizeBytes"]!.GetValue<long>() > 0);
        Assert.Equal(snapshot.Version, status["snapshotVersion"]!.GetValue<long>());
        Assert.Equal(1, status["counts"]!["teams"]!.GetValue<int>());
        var edge = Assert.IsType<JsonObject>(Assert.Single(status["edges"]!.AsArray()));
        Assert.Equal(snapshot.Version, edge["snapshotVersion"]!.GetValue<long>());

        using var delivered = await instance.Internal.PostAsync("/internal/usage", new StringContent("""{"edgeId":"e","refused":3,"records":[]}"""), Cancellation);
        delivered.EnsureSuccessStatusCode();
        status = await DoAsync(instance.Admin, HttpMethod.Get, "/api/status");
        Assert.Equal(3, status["edges"]!.AsArray().Single(e => e!["edge"]!.GetValue<string>() == "e")!["refusedRecords"]!.GetValue<int>());
    }
}
