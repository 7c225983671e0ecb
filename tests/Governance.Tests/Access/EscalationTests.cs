using System.Net;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests.Access;

public sealed class EscalationOnSqliteTests() : EscalationTests(null);

public sealed class EscalationOnPostgresTests(PostgresServer server) : EscalationTests(server);

/// <summary>Nobody can grant more than he has.</summary>
public abstract class EscalationTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task A_team_admin_runs_the_keys_of_his_team()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        var caller = world.Callers["teamAdmin"];

        await DoAsync(caller, HttpMethod.Post, "/api/keys", new { id = "mine", name = "mine", teamId = "team-in" });
        await DoAsync(caller, HttpMethod.Patch, "/api/keys/mine", new { name = "still mine", enabled = false });
        await DoAsync(caller, HttpMethod.Post, "/api/keys/mine/regenerate");
        await DoAsync(caller, HttpMethod.Delete, "/api/keys/mine");
    }

    [Fact]
    public async Task A_team_admin_cannot_reach_beyond_his_team()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        var caller = world.Callers["teamAdmin"];
        (HttpMethod Method, string Path, object Body, HttpStatusCode Status)[] attempts =
        [
            (HttpMethod.Post, "/api/keys", new { name = "of nobody" }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/keys/key-in", new { teamId = (string?)null }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/teams/team-in", new { budgetIds = Array.Empty<string>() }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/teams/team-in", new { limits = new { concurrency = 1000 } }, HttpStatusCode.Forbidden),
            (HttpMethod.Delete, "/api/teams/team-in", new { }, HttpStatusCode.Forbidden),
            (HttpMethod.Post, "/api/teams", new { name = "another" }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/budgets/budget-team", new { limitNanoUsd = 1_000_000 }, HttpStatusCode.Forbidden),
            (HttpMethod.Post, "/api/budgets", new { name = "over nobody", limitNanoUsd = 1 }, HttpStatusCode.Forbidden),
            (HttpMethod.Post, "/api/admin-keys", new { name = "mine", role = "owner" }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/admin-keys/teamadmin", new { role = "owner" }, HttpStatusCode.NotFound),
            (HttpMethod.Patch, "/api/settings", new { maxJsonDepth = 100 }, HttpStatusCode.Forbidden),
        ];
        foreach (var (method, path, body, status) in attempts)
        {
            var answer = await SendAsync(caller, method, path, body);
            Assert.True(answer.Status == status, $"{method} {path}: {answer.Status} {answer.Body.ToJsonString()}");
        }

        Assert.Equal("team-in", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/keys/key-in"))["teamId"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("teamId", "team-out", "none-such")]
    [InlineData("userId", "user-out", "none-such")]
    [InlineData("customerId", "customer-out", "none-such")]
    [InlineData("budgetIds", "budget-out", "none-such")]
    public async Task Naming_what_is_hidden_is_answered_like_naming_what_is_not_there(string field, string hidden, string absent)
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);

        var first = await SendAsync(world.Callers["teamAdmin"], HttpMethod.Patch, "/api/keys/key-in", Body(hidden));
        var second = await SendAsync(world.Callers["teamAdmin"], HttpMethod.Patch, "/api/keys/key-in", Body(absent));

        Assert.Equal(HttpStatusCode.BadRequest, first.Status);
        Assert.Equal(second.Body.ToJsonString().Replace(absent, hidden, StringComparison.Ordinal), first.Body.ToJsonString());

        string Body(string id) => field != "budgetIds" ? $$"""{"{{field}}":"{{id}}"}""" : $$"""{"budgetIds":["budget-in","{{id}}"]}""";
    }

    [Fact]
    public async Task An_admin_of_a_customer_runs_its_teams_and_not_the_customer()
    {
        var instance = await StartAsync();
        foreach (var id in (string[])["c1", "c2"])
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/customers", new { id, name = id });
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"team-{id}", name = id, customerId = id });
        }

        var made = await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { name = "n", role = "teamAdmin", customerIds = new[] { "c1" } });
        using var caller = instance.With(made["key"]!.GetValue<string>());

        await DoAsync(caller, HttpMethod.Post, "/api/teams", new { id = "new", name = "new", customerId = "c1" });
        await DoAsync(caller, HttpMethod.Post, "/api/users", new { id = "u", name = "u", teamId = "new" });
        await DoAsync(caller, HttpMethod.Post, "/api/keys", new { id = "k", name = "k", userId = "u" });
        await DoAsync(caller, HttpMethod.Post, "/api/budgets", new { id = "b", name = "b", limitNanoUsd = 5, scope = new { teamId = "new" } });
        await DoAsync(caller, HttpMethod.Patch, "/api/teams/new", new { limits = new { concurrency = 3 } });
        foreach (var (method, path, body, status) in (IEnumerable<(HttpMethod, string, object, HttpStatusCode)>)
        [
            (HttpMethod.Patch, "/api/customers/c1", new { name = "x" }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/customers/c2", new { name = "x" }, HttpStatusCode.NotFound),
            (HttpMethod.Patch, "/api/teams/new", new { customerId = "c2" }, HttpStatusCode.BadRequest),
            (HttpMethod.Patch, "/api/teams/new", new { customerId = (string?)null }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/keys/k", new { userId = (string?)null }, HttpStatusCode.Forbidden),
            (HttpMethod.Patch, "/api/keys/k", new { teamId = "team-c2" }, HttpStatusCode.BadRequest),
            (HttpMethod.Post, "/api/budgets", new { name = "x", limitNanoUsd = 5, scope = new { customerId = "c1" } }, HttpStatusCode.Forbidden),
            (HttpMethod.Post, "/api/budgets", new { name = "x", limitNanoUsd = 5, scope = new { teamId = "team-c2" } }, HttpStatusCode.BadRequest),
        ])
        {
            var answer = await SendAsync(caller, method, path, body);
            Assert.True(answer.Status == status, $"{method} {path}: {answer.Status} {answer.Body.ToJsonString()}");
        }
    }

    [Fact]
    public async Task A_budget_that_stands_over_more_cannot_be_taken_away_below()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/key-in", new { budgetIds = new[] { "budget-in", "budget-team", "budget-out" } });

        foreach (var left in (string[][])[["budget-in", "budget-team"], ["budget-in", "budget-out"]])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(world.Callers["teamAdmin"], HttpMethod.Patch, "/api/keys/key-in", new { budgetIds = left })).Status);
        }

        await DoAsync(world.Callers["teamAdmin"], HttpMethod.Patch, "/api/keys/key-in", new { budgetIds = new[] { "budget-team", "budget-out" } });
    }

    [Fact]
    public async Task Usage_is_shown_as_far_as_its_reader_reaches()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        await IngestAsync(instance, [.. Enumerable.Range(0, 10).Select(i => new UsageRecord
        {
            Id = $"{i:x32}",
            StartedAtMicros = TimeProvider.System.GetUtcNow().AddHours(-i).ToUnixTimeMilliseconds() * 1000,
            KeyId = i % 5 == 0 ? "key-in" : i % 5 == 1 ? "key-in-2" : "key-out",
            TeamId = i % 5 <= 1 ? "team-in" : "team-out",
            Operation = Operation.Chat,
            Outcome = RequestOutcome.Completed,
            CostNanoUsd = 7,
        })]);

        foreach (var (role, requests) in (IEnumerable<(string, long)>)[("owner", 10), ("viewer", 10), ("auditor", 10), ("teamAdmin", 4), ("teamViewer", 4), ("keyHolder", 2)])
        {
            var report = await DoAsync(world.Callers[role], HttpMethod.Get, "/api/usage?groupBy=key");
            Assert.Equal(requests, report["total"]!["requests"]!.GetValue<long>());
            Assert.Equal(requests, report["groups"]!.AsArray().Sum(g => g!["totals"]!["requests"]!.GetValue<long>()));
            Assert.Equal(requests, (await DoAsync(world.Callers[role], HttpMethod.Get, "/api/usage/records"))["items"]!.AsArray().Count);
            var (status, other, _) = await SendAsync(world.Callers[role], HttpMethod.Get, "/api/usage/records?key=key-out&team=team-out");
            if (role is "owner" or "viewer" or "auditor")
            {
                Assert.Equal(6, other["items"]!.AsArray().Count);
            }
            else
            {
                Assert.Equal(HttpStatusCode.Forbidden, status);
                Assert.Equal(other.ToJsonString(), (await SendAsync(world.Callers[role], HttpMethod.Get, "/api/usage/records?key=none&team=none")).Body.ToJsonString());
                Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(world.Callers[role], HttpMethod.Get, $"/api/usage/records/{2:x32}")).Status);
            }

            Assert.Equal(HttpStatusCode.OK, (await SendAsync(world.Callers[role], HttpMethod.Get, $"/api/usage/records/{0:x32}")).Status);
        }
    }
}
