using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Tests.Reconciliation;

public sealed class ReconciliationOnSqliteTests() : ReconciliationTests(null);

public sealed class ReconciliationOnPostgresTests(PostgresServer server) : ReconciliationTests(server);

/// <summary>Bills are imported, compared and taken over through the admin API.</summary>
public abstract class ReconciliationTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Range = "from=2026-03-01&to=2026-03-02";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_bill_that_agrees_leaves_nothing_to_explain_however_often_it_comes()
    {
        var instance = await StartAsync();
        await IngestAsync(instance, Record(1, 1000, 100), Record(2, 500, 50));
        var bill = "date,model,unit,quantity,amount\n2026-03-01,m,input,1500,0.0000045\n2026-03-01,m,output,150,0.00000075\n";
        await ImportAsync(instance, bill);
        await ImportAsync(instance, bill);

        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?{Range}");

        Assert.Equal((5250, 5250, 0), ((int)report["ledgerNanoUsd"]!, (int)report["billedNanoUsd"]!, (int)report["differenceNanoUsd"]!));
        Assert.Empty(report["classes"]!.AsObject());
        Assert.Equal(2, (await DoAsync(instance.Admin, HttpMethod.Get, "/api/reconciliation/imports"))["items"]!.AsArray().Count);

        // Another part of the same provider's bill adds; the same part again, of another form, replaces.
        await ImportAsync(instance, "date,model,unit,quantity,amount\n2026-03-01,other,input,1,0.5\n", "&part=second");
        Assert.Equal(500_005_250, (int)(await DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?{Range}"))["billedNanoUsd"]!);
        await ImportAsync(instance, "date,amount\n2026-03-01,0.25\n", "&part=second");
        Assert.Equal(250_005_250, (int)(await DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?{Range}"))["billedNanoUsd"]!);
    }

    [Fact]
    public async Task Days_without_a_bill_are_told_and_count_nowhere()
    {
        var instance = await StartAsync();
        await IngestAsync(instance, Record(1, 1000, 100));

        var report = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?{Range}");

        Assert.Equal(0, (int)report["ledgerNanoUsd"]!);
        Assert.Equal(3500, (int)Assert.Single(report["daysWithoutBill"]!.AsArray())!["ledgerNanoUsd"]!);
    }

    [Fact]
    public async Task Estimated_and_unpriced_records_become_what_was_billed_once_with_sums_and_budgets()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id = "b", name = "b", limitNanoUsd = 1_000_000, window = "Total" });
        await IngestAsync(
            instance,
            Record(1, 1000, 100),
            Record(2, 500, 60) with { Estimated = true, Outcome = RequestOutcome.UpstreamCut, CostNanoUsd = 3 * 500 + 5 * 60 },
            Record(3, 300, 40) with { Estimated = true, Outcome = RequestOutcome.ClientCancelled, CostNanoUsd = 3 * 300 + 5 * 40 },
            Record(4, 10, 10) with { Model = "free", PriceVersion = "", CostNanoUsd = 0 });
        await ImportAsync(instance, "date,model,unit,quantity,amount\n2026-03-01,m,input,1700,0.0000051\n2026-03-01,m,output,170,0.00000085\n2026-03-01,free,input,10,0.00000002\n2026-03-01,free,output,10,0.00000004\n");

        var before = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?{Range}");
        Assert.Equal(5950 + 60 - 6400, (int)before["differenceNanoUsd"]!);
        Assert.Equal(-450, (int)before["classes"]!["estimated"]!);
        Assert.Equal(60, (int)before["classes"]!["unpriced"]!);
        Assert.Equal((int)before["differenceNanoUsd"]!, before["classes"]!.AsObject().Sum(c => (int)c.Value!));

        var request = new { from = "2026-03-01", to = "2026-03-02", provider = "p", classes = (string[])["estimated", "unpriced"], reason = "bill of March" };
        var applied = await DoAsync(instance.Admin, HttpMethod.Post, "/api/reconciliation/adjust", request);
        Assert.Equal((3, -390), ((int)applied["records"]!, (int)applied["nanoUsd"]!));
        var again = await DoAsync(instance.Admin, HttpMethod.Post, "/api/reconciliation/adjust", request);
        Assert.Equal((0, 0), ((int)again["records"]!, (int)again["nanoUsd"]!));

        Assert.Equal(0, (int)(await DoAsync(instance.Admin, HttpMethod.Get, $"/api/reconciliation?{Range}"))["differenceNanoUsd"]!);
        Assert.Equal(6010, (int)(await DoAsync(instance.Admin, HttpMethod.Get, "/api/usage?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z"))["total"]!["costNanoUsd"]!);
        var state = await DoAsync(instance.Admin, HttpMethod.Get, "/api/budgets/b/state");
        Assert.Equal(6010, (int)state["windows"]![0]!["settledNanoUsd"]!);
        var audited = await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?limit=20");
        Assert.Contains(audited["items"]!.AsArray(), i => (string?)i!["action"] == "reconciliation.adjust");
    }

    [Fact]
    public async Task What_is_wrong_is_refused_with_its_line()
    {
        var instance = await StartAsync();
        var (status, problem) = await TryImportAsync(instance, "date,amount,currency\n2026-03-01,1,USD\n2026-03-01,1,EUR\n");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["line 3"], FieldsOf(problem));
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/reconciliation/imports"))["items"]!.AsArray());

        Assert.Equal(1, (int)(await ImportAsync(instance, "date,amount,currency\n2026-03-01,1,USD\n2026-03-01,1,EUR\n", "&partial=true"))["refused"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await TryImportAsync(instance, "{}", "&source=nobody")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await TryImportAsync(instance, "date,amount\n", "")).Status);
        var (wrong, _, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/reconciliation/adjust", new { from = "2026-03-01", to = "2026-03-02", provider = "p", classes = (string[])["quantity"], reason = "r" });
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/reconciliation?from=2026-03-01&to=2027-03-01")).Status);
    }

    private static async Task<JsonObject> ImportAsync(Instance instance, string text, string more = "")
    {
        var (status, answer) = await TryImportAsync(instance, text, more);
        Assert.True(status == HttpStatusCode.Created, answer.ToJsonString());
        return answer;
    }

    private static async Task<(HttpStatusCode Status, JsonObject Body)> TryImportAsync(Instance instance, string text, string more = "")
    {
        using var content = new StringContent(text, Encoding.UTF8, "text/csv");
        using var response = await instance.Admin.PostAsync(new Uri($"/api/reconciliation/imports?provider=p{(more.Contains("source=", StringComparison.Ordinal) ? "" : "&source=csv")}{more}", UriKind.Relative), content, Cancellation);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!.AsObject());
    }

    private static UsageRecord Record(int number, long input, long output) => new()
    {
        Id = number.ToString("x32", CultureInfo.InvariantCulture),
        StartedAtMicros = UsageTime.Micros(Start.AddMinutes(number)),
        KeyId = "k",
        Operation = Operation.Chat,
        Model = "m",
        DeploymentId = "d",
        ProviderId = "p",
        CredentialId = "c",
        Status = 200,
        Outcome = RequestOutcome.Completed,
        Budgets = ["b#total"],
        Tokens = new TokenUsage { Input = input, Output = output },
        CostNanoUsd = (3 * input) + (5 * output),
        PriceVersion = "v1",
    };
}
