using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Budgets;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests.Ledger;

public sealed class BudgetApiOnSqliteTests() : BudgetApiTests(null);

public sealed class BudgetApiOnPostgresTests(PostgresServer server) : BudgetApiTests(server);

/// <summary>Budgets in the admin API, and the leases of edges over the wire.</summary>
public abstract class BudgetApiTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Whole =
        """
        {"id":"b","name":"B","windows":[{"limitNanoUsd":1000,"unit":"Total"},{"limitNanoUsd":500,"unit":"Day","count":3,"rolling":true},
         {"limitNanoUsd":400,"unit":"Month","timeZone":"Europe/Berlin","resetDay":15}],
         "scope":{"tag":"env:prod","model":"gpt-*"},"overrides":[{"id":"o","nanoUsd":7,"expiresAt":"2099-01-01T00:00:00Z","reason":"launch"}],
         "alertPercents":[50,100],"dryRun":false}
        """;

    [Fact]
    public async Task A_budget_is_given_back_as_it_was_taken_and_reaches_the_edges()
    {
        var instance = await StartAsync();
        var made = await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", Whole);
        var patched = await DoAsync(instance.Admin, HttpMethod.Patch, "/api/budgets/b", new { name = "B2" });
        foreach (var member in (string[])["windows", "scope", "overrides", "alertPercents", "alertChannelIds", "dryRun"])
        {
            Assert.Equal(made[member]!.ToJsonString(), patched[member]!.ToJsonString());
        }

        var budget = Assert.Single((await SnapshotAsync(instance)).Budgets);
        Assert.Equal((3, "env:prod", 7, "Europe/Berlin", 15), (budget.Windows.Count, budget.Scope!.Tag, budget.Overrides[0].NanoUsd, budget.Windows[2].TimeZone, budget.Windows[2].ResetDay));
        Assert.Equal([50, 100], budget.AlertPercents);
    }

    [Theory]
    [InlineData("""{"name":"b"}""", "limitNanoUsd")]
    [InlineData("""{"name":"b","windows":[{"limitNanoUsd":1,"unit":"Fortnight"}]}""", "windows[0].unit")]
    [InlineData("""{"name":"b","windows":[{"limitNanoUsd":1,"timeZone":"Mars/Olympus"}]}""", "windows[0].timeZone")]
    [InlineData("""{"name":"b","windows":[{"limitNanoUsd":1,"days":3}]}""", "windows[0].days")]
    [InlineData("""{"name":"b","limitNanoUsd":1,"windows":[{"limitNanoUsd":1}]}""", "windows[0]")]
    [InlineData("""{"name":"b","limitNanoUsd":1,"scope":{"teamId":"none"}}""", "scope.teamId")]
    [InlineData("""{"name":"b","limitNanoUsd":1,"overrides":[{"nanoUsd":1}]}""", "overrides[0].expiresAt")]
    [InlineData("""{"name":"b","limitNanoUsd":1,"alertPercents":[90,50]}""", "alertPercents[1]")]
    [InlineData("""{"name":"b","limitNanoUsd":1,"alertPercents":["x"]}""", "alertPercents[0]")]
    public async Task What_is_wrong_is_named(string body, string field)
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/budgets", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], FieldsOf(problem));
    }

    [Fact]
    public async Task The_state_tells_what_is_settled_leased_held_and_left()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", Whole);
        var asked = await LeaseAsync(instance, new LeaseAsk { BudgetId = "b", Window = "total", Start = 0, Needed = 300 });
        Assert.Equal(300, asked.Granted);
        await LeaseAsync(instance, new LeaseAsk { BudgetId = "b", Window = "total", Start = 0, Granted = 300, Spent = 100, Held = 150 });
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;
        await IngestAsync(instance, LedgerHarness.Record(now, 100, 1, "b#total"));

        var state = await DoAsync(instance.Admin, HttpMethod.Get, "/api/budgets/b/state");
        var total = state["windows"]![0]!.AsObject();
        Assert.Equal(
            """{"window":"total","limitNanoUsd":1000,"overrideNanoUsd":7,"settledNanoUsd":100,"leasedNanoUsd":200,"heldNanoUsd":150,"inDoubtNanoUsd":0,"leftNanoUsd":707}""",
            With(total, "window", "limitNanoUsd", "overrideNanoUsd", "settledNanoUsd", "leasedNanoUsd", "heldNanoUsd", "inDoubtNanoUsd", "leftNanoUsd"));

        // A window that the request was not held on counts it all the same: it stands over the same requests.
        Assert.Equal(["total", "rolling-3d", "month@15~Europe/Berlin"], state["windows"]!.AsArray().Select(w => w!["window"]!.GetValue<string>()));
        Assert.All(state["windows"]!.AsArray(), w => Assert.Equal(100, w!["settledNanoUsd"]!.GetValue<long>()));
        Assert.NotNull(state["windows"]![2]!["resetsAt"]);
        Assert.Null(state["windows"]![1]!["resetsAt"]);
        Assert.Equal("b", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/budgets/states?limit=5"))["items"]![0]!["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/budgets/none/state")).Status);
    }

    [Fact]
    public async Task An_override_is_in_force_at_once_and_can_be_taken_back()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b","name":"B","limitNanoUsd":10,"window":"Total"}""");
        var ask = new LeaseAsk { BudgetId = "b", Window = "total", Start = 0, Needed = 15 };
        Assert.Equal(0, (await LeaseAsync(instance, ask)).Granted);
        var answer = await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets/b/overrides", new { nanoUsd = 5, expiresAt = TimeProvider.System.GetUtcNow().AddHours(1), reason = "end of month" });
        Assert.Equal(15, (await LeaseAsync(instance, ask)).Granted);
        var id = answer["overrides"]![0]!["id"]!.GetValue<string>();
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/budgets/b/overrides", new { id, nanoUsd = 5, expiresAt = TimeProvider.System.GetUtcNow().AddHours(1) })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/budgets/b/overrides", new { nanoUsd = 5, expiresAt = TimeProvider.System.GetUtcNow().AddHours(-1) })).Status);
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/budgets/b/overrides/{id}"))["overrides"]!.AsArray());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/budgets/b/overrides/{id}")).Status);
    }

    [Fact]
    public async Task An_adjustment_counts_in_every_window_and_is_kept()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", Whole);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets/b/adjustments", new { nanoUsd = 300, reason = "bill of the provider" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets/b/adjustments", new { nanoUsd = -100, reason = "credit note" });
        var state = await DoAsync(instance.Admin, HttpMethod.Get, "/api/budgets/b/state");
        Assert.All(state["windows"]!.AsArray(), w => Assert.Equal(200, w!["settledNanoUsd"]!.GetValue<long>()));
        var first = await DoAsync(instance.Admin, HttpMethod.Get, "/api/budgets/b/adjustments?limit=1");
        Assert.Equal(-100, first["items"]![0]!["nanoUsd"]!.GetValue<long>());
        var second = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/budgets/b/adjustments?limit=1&after={first["next"]}");
        Assert.Equal((300, "bill of the provider"), (second["items"]![0]!["nanoUsd"]!.GetValue<long>(), second["items"]![0]!["reason"]!.GetValue<string>()));
        Assert.Null(second["next"]);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Post, "/api/budgets/none/adjustments", new { nanoUsd = 1, reason = "x" })).Status);
        Assert.Equal(["nanoUsd", "reason"], FieldsOf((await SendAsync(instance.Admin, HttpMethod.Post, "/api/budgets/b/adjustments", """{"nanoUsd":1.5}""")).Body));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"edgeId":"e","epoch":1,"leases":[null]}""")]
    [InlineData("""{"edgeId":"e","epoch":1,"leases":[{"budgetId":"b","window":"total","start":0,"held":-1}]}""")]
    [InlineData("""{"edgeId":"","epoch":0,"leases":[]}""")]
    public async Task A_question_that_is_none_is_refused(string body)
    {
        var instance = await StartAsync();
        var (status, _, _) = await SendAsync(instance.Internal, HttpMethod.Post, "/internal/leases", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    private static async Task<LeaseGrant> LeaseAsync(Instance instance, LeaseAsk ask)
    {
        using var response = await instance.Internal.PostAsJsonAsync(
            "/internal/leases", new LeaseRequest { EdgeId = "edge-1", Epoch = 1, Leases = [ask] }, ContractsJson.Default.LeaseRequest, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.LeaseResponse, Cancellation))!.Leases[0];
    }

    private static string With(JsonObject node, params string[] members) => new JsonObject(members.Select(m => KeyValuePair.Create(m, node[m]?.DeepClone()))).ToJsonString();
}
