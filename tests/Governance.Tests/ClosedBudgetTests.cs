using System.Net;
using System.Net.Http.Json;
using Gateway.Budgets;
using Gateway.Contracts;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class ClosedBudgetsOnSqliteTests() : ClosedBudgetTests(null);

public sealed class ClosedBudgetsOnPostgresTests(PostgresServer server) : ClosedBudgetTests(server);

/// <summary>A budget that cannot be put in force stops what it stands over, and nothing else; what a scope names stays.</summary>
public abstract class ClosedBudgetTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task A_stored_budget_with_problems_is_closed_in_the_snapshot_until_it_is_mended()
    {
        var first = await StartAsync();
        await DoAsync(first.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t" });
        await DoAsync(first.Admin, HttpMethod.Post, "/api/budgets", new { id = "good", name = "good", limitNanoUsd = 5_000_000_000 });
        await DoAsync(first.Admin, HttpMethod.Post, "/api/budgets", new
        {
            id = "bad", name = "bad", windows = new[] { new { limitNanoUsd = 5_000_000_000, unit = "Month", timeZone = "Europe/Berlin" } }, scope = new { teamId = "t", tag = "prod" }, alertPercents = new[] { 50 },
        });
        await StopAsync(first);
        var instance = await StartAsync();
        var before = (await SnapshotAsync(instance)).Version;

        // As another build may write it: a zone that is not known here, and a tag that can never be met.
        await ExecuteAsync(instance, "UPDATE config_version SET version = version + 1");
        await ExecuteAsync(instance, "UPDATE config_entries SET body = REPLACE(REPLACE(body, 'Europe/Berlin', 'Mars/Olympus'), 'prod', 'p r o d'), version = (SELECT version FROM config_version) WHERE kind = 'budget' AND id = 'bad'");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "u", name = "u" });

        var snapshot = await SnapshotAsync(instance, before);
        var closed = snapshot.Budgets.Single(b => b.Id == "bad");
        Assert.Empty(snapshot.Budgets.SelectMany(BudgetCheck.Problems));
        Assert.Equal((0L, BudgetWindow.Total, "t", (string?)null), (closed.LimitNanoUsd, closed.Window, closed.Scope!.TeamId, closed.Scope.Tag));
        Assert.Empty(closed.Windows);
        Assert.Equal(5_000_000_000, snapshot.Budgets.Single(b => b.Id == "good").LimitNanoUsd);
        Assert.Contains(snapshot.Teams, t => t.Id == "u");
        var status = await DoAsync(instance.Admin, HttpMethod.Get, "/api/status");
        Assert.Contains("Budget 'bad' cannot be put in force: windows[0].timeZone", status.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);

        // The ledger leases nothing of it either.
        using var answer = await instance.Internal.PostAsJsonAsync(
            "/internal/leases",
            new LeaseRequest { EdgeId = "e", Epoch = 1, Leases = [new LeaseAsk { BudgetId = "bad", Window = "total", Start = 0, Granted = 0, Spent = 0, Wanted = 1_000_000 }] }, ContractsJson.Default.LeaseRequest, Cancellation);
        Assert.Equal(0, (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.LeaseResponse, Cancellation))!.Leases.Single().Granted);

        await DoAsync(instance.Admin, HttpMethod.Put, "/api/budgets/bad", new { name = "bad", limitNanoUsd = 7, scope = new { teamId = "t" } });
        Assert.Equal(7, (await SnapshotAsync(instance, snapshot.Version)).Budgets.Single(b => b.Id == "bad").LimitNanoUsd);
    }

    [Theory]
    [InlineData("customers", "customerId", "customer")]
    [InlineData("teams", "teamId", "team")]
    [InlineData("users", "userId", "user")]
    [InlineData("keys", "keyId", "key")]
    [InlineData("providers", "providerId", "provider")]
    public async Task An_account_that_only_a_scope_names_is_not_deleted_under_it(string plural, string budgetField, string limitField)
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, $"/api/{plural}", plural == "providers" ? (object)new { id = "x", baseUrl = "https://p.test/v1" } : new { id = "x", name = "x" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id = "b", name = "b", limitNanoUsd = 5, scope = new Dictionary<string, string> { [budgetField] = "x" } });

        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/{plural}/x");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(["budget 'b'"], problem["referredBy"]!.AsArray().Select(r => r!.GetValue<string>()));

        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/budgets/b");
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/limits", new { id = "l", name = "l", amount = 5, scope = new Dictionary<string, string> { [limitField] = "x" } });
        Assert.Equal(["limit 'l'"], (await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/{plural}/x")).Body["referredBy"]!.AsArray().Select(r => r!.GetValue<string>()));
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/limits/l");
        await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/{plural}/x");
    }
}
