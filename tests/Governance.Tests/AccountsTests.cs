using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class AccountsOnSqliteTests() : AccountsTests(null);

public sealed class AccountsOnPostgresTests(PostgresServer server) : AccountsTests(server);

public abstract class AccountsTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Every_field_of_every_account_can_be_set_patched_and_reaches_the_snapshot()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id = "b", name = "b", limitNanoUsd = 1 });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/customers", """{"id":"c","name":"Customer","enabled":false,"limits":{"requestsPerMinute":1},"budgetIds":["b"]}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", """{"id":"t","name":"Team","customerId":"c","enabled":false,"limits":{"requestsPerMinute":2},"budgetIds":["b"]}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/users", """
            {"id":"u","name":"User","email":"u@example.test","teamId":"t","customerId":"c","enabled":false,"limits":{"requestsPerMinute":3},"budgetIds":["b"]}
            """);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/guardrails", """{"id":"pii","rules":[{"detector":"keywords","terms":["secret"]}]}""");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", """
            {"id":"k","name":"Key","teamId":"t","userId":"u","customerId":"c","tags":["a","b:c/d","a"],"allowedRoutes":["gpt-*"],"mcpTools":["files/*","*/read"],
             "mcpChat":{"tools":["git","files/read_*"],"run":true,"maxTurns":3,"maxCostNanoUsd":500},
             "guardrailPolicies":["pii"],"requestLog":"Bodies","onRevoke":"cut"}
            """);

        // What an answer shows can be sent back, and patched.
        foreach (var path in (string[])["customers/c", "teams/t", "users/u", "keys/k"])
        {
            var shown = await DoAsync(instance.Admin, HttpMethod.Get, "/api/" + path);
            await DoAsync(instance.Admin, HttpMethod.Put, "/api/" + path, shown.ToJsonString());
            await DoAsync(instance.Admin, HttpMethod.Patch, "/api/" + path, new { name = "N " + path });
        }

        var snapshot = await SnapshotAsync(instance);
        var customer = snapshot.Customers.Single();
        Assert.Equal(("c", "N customers/c", false, 1L, "b"), (customer.Id, customer.Name, customer.Enabled, customer.Limits.RequestsPerMinute, customer.BudgetIds.Single()));
        var team = snapshot.Teams.Single();
        Assert.Equal(("t", "N teams/t", "c", false, 2L, "b"), (team.Id, team.Name, team.CustomerId, team.Enabled, team.Limits.RequestsPerMinute, team.BudgetIds.Single()));
        var user = snapshot.Users.Single();
        Assert.Equal(("u", "N users/u", "u@example.test", "t", "c", false), (user.Id, user.Name, user.Email, user.TeamId, user.CustomerId, user.Enabled));
        Assert.Equal((3L, "b"), (user.Limits.RequestsPerMinute, user.BudgetIds.Single()));
        var key = snapshot.Keys.Single();
        Assert.Equal(("k", "t", "u", "c"), (key.Id, key.TeamId, key.UserId, key.CustomerId));
        Assert.Equal(["a", "b:c/d"], key.Tags);
        Assert.Equal(["gpt-*"], key.AllowedRoutes);
        Assert.Equal(["files/*", "*/read"], key.McpTools);
        Assert.Equal(["git", "files/read_*"], key.McpChat!.Tools);
        Assert.Equal((true, 3, 300, 500L), (key.McpChat.Run, key.McpChat.MaxTurns, key.McpChat.MaxSeconds, key.McpChat.MaxCostNanoUsd));
        Assert.Equal(["pii"], key.GuardrailPolicies);
        Assert.Equal((RequestLogLevel.Bodies, RevokePolicy.Cut), (key.RequestLog, key.OnRevoke));
    }

    [Fact]
    public async Task What_contradicts_the_tree_is_refused_with_its_field()
    {
        var instance = await StartAsync();
        await SeedAsync(instance);
        await RefusedAsync(instance, "teams", new { name = "x", customerId = "nobody" }, "customerId");
        await RefusedAsync(instance, "users", new { name = "x", teamId = "nobody", customerId = "nobody" }, "teamId", "customerId");
        await RefusedAsync(instance, "users", new { name = "x", teamId = "t1", customerId = "c2" }, "customerId");
        await RefusedAsync(instance, "users", new { name = "x", email = "no address" }, "email");
        await RefusedAsync(instance, "users", new { name = "x", email = "U1@Example.Test" }, "email");
        await RefusedAsync(instance, "keys", new { name = "x", userId = "nobody", teamId = "nobody", customerId = "nobody" }, "userId", "teamId", "customerId");
        await RefusedAsync(instance, "keys", new { name = "x", userId = "u1", teamId = "t2" }, "teamId");
        await RefusedAsync(instance, "keys", new { name = "x", userId = "u1", customerId = "c2" }, "customerId");
        await RefusedAsync(instance, "keys", new { name = "x", teamId = "t2", customerId = "c1" }, "customerId");
        await RefusedAsync(instance, "keys", new { name = "x", userId = "loner", teamId = "t1" }, "teamId");
        await RefusedAsync(instance, "keys", new { name = "x", mcpChat = new { tools = (string[])["git", "a b"], maxTurns = 0, more = 1 } }, "mcpChat.tools[1]", "mcpChat.maxTurns", "mcpChat.more");
        await RefusedAsync(instance, "keys", new { name = "x", tags = (string[])["good", "not good"], mcpTools = (string[])["one", "a/b/c"], onRevoke = "explode" }, "tags[1]", "mcpTools[0]", "mcpTools[1]", "onRevoke");
    }

    [Fact]
    public async Task An_account_cannot_move_to_where_what_is_below_it_would_contradict_it()
    {
        var instance = await StartAsync();
        await SeedAsync(instance);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k", userId = "u1", customerId = "c1" });
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/teams/t1", new { customerId = "c2" });
        Assert.Equal((HttpStatusCode.BadRequest, "customerId"), (status, FieldsOf(problem).Single()));
        Assert.Contains("key 'k'", problem["errors"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/users/u1", new { teamId = "t2" });
        Assert.Equal((HttpStatusCode.BadRequest, "teamId"), (status, FieldsOf(problem).Single()));

        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/keys/k", """{"customerId":null}""");
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/users/u1", new { teamId = "t2" });
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/teams/t1", new { customerId = "c2" });
    }

    [Fact]
    public async Task An_account_that_others_name_cannot_be_deleted()
    {
        var instance = await StartAsync();
        await SeedAsync(instance);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k", userId = "u1", teamId = "t1", customerId = "c1" });
        foreach (var (path, by) in new[] { ("customers/c1", new[] { "team 't1'", "key 'k'" }), ("teams/t1", ["user 'u1'", "key 'k'"]), ("users/u1", ["key 'k'"]) })
        {
            var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Delete, "/api/" + path);
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Equal(by, problem["referredBy"]!.AsArray().Select(r => r!.GetValue<string>()));
        }

        foreach (var path in (string[])["keys/k", "users/u1", "teams/t1", "customers/c1"])
        {
            await DoAsync(instance.Admin, HttpMethod.Delete, "/api/" + path);
        }
    }

    private static async Task SeedAsync(Instance instance)
    {
        foreach (var (path, body) in new (string, object)[]
        {
            ("customers", new { id = "c1", name = "c1" }), ("customers", new { id = "c2", name = "c2" }),
            ("teams", new { id = "t1", name = "t1", customerId = "c1" }), ("teams", new { id = "t2", name = "t2", customerId = "c2" }),
            ("users", new { id = "u1", name = "u1", teamId = "t1", email = "u1@example.test" }), ("users", new { id = "loner", name = "loner", customerId = "c2" }),
        })
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/" + path, body);
        }
    }

    private static async Task RefusedAsync(Instance instance, string plural, object body, params string[] fields)
    {
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/" + plural, body);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_fields"), (status, problem["code"]!.GetValue<string>()));
        Assert.Equal(fields, FieldsOf(problem));
    }
}
