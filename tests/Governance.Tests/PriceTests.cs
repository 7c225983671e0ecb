using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class PricesOnSqliteTests() : PriceTests(null);

public sealed class PricesOnPostgresTests(PostgresServer server) : PriceTests(server);

public abstract class PriceTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Range = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_table_is_listed_in_pages_and_searched()
    {
        var instance = await StartAsync();
        var seen = new List<string>();
        for (var path = "/api/prices?provider=openai&limit=50"; path.Length > 0;)
        {
            var page = await DoAsync(instance.Admin, HttpMethod.Get, path);
            seen.AddRange(page["items"]!.AsArray().Select(static i => i!["model"]!.GetValue<string>()));
            path = page["next"] is { } next ? $"/api/prices?provider=openai&limit=50&after={Uri.EscapeDataString(next.GetValue<string>())}" : "";
        }

        Assert.True(seen.Count > 100);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Contains("gpt-4o-mini", seen);
        var found = await DoAsync(instance.Admin, HttpMethod.Get, "/api/prices?provider=gemini&model=gemini-2.5-PRO");
        var price = found["items"]!.AsArray().Single(static i => i!["model"]!.GetValue<string>() == "gemini-2.5-pro")!["price"]!;
        Assert.Equal(1_250_000_000, price["inputPerMillion"]!.GetValue<long>());
        Assert.NotEmpty(price["variants"]!.AsArray());
        Assert.NotEmpty(price["source"]!.GetValue<string>());
    }

    [Fact]
    public async Task Doubtful_figures_are_shown_with_their_reason()
    {
        var instance = await StartAsync();
        var page = await DoAsync(instance.Admin, HttpMethod.Get, "/api/prices?doubtful=true&model=jais");
        Assert.Equal(["jais-30b-chat", "core42/jais-13b-chat"], page["items"]!.AsArray().Select(static i => i!["model"]!.GetValue<string>()));
        Assert.All(page["items"]!.AsArray(), static i => Assert.Contains("off by 1,000", i!["reason"]!.GetValue<string>(), StringComparison.Ordinal));
        var (status, body, _) = await SendAsync(instance.Admin, HttpMethod.Get, "/api/prices?dubious=true");
        Assert.Equal((HttpStatusCode.BadRequest, "dubious"), (status, Assert.Single(FieldsOf(body))));
    }

    [Fact]
    public async Task Overrides_reach_the_edges_and_explain_themselves()
    {
        var instance = await StartAsync();
        await OpenAIAsync(instance);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/customers", new { id = "acme", name = "Acme" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/price-overrides", Override("acme-discount", new { customerId = "acme", versions = new[] { new { version = "7", factorBasisPoints = 8_500 } } }));
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/price-overrides", Override("mini", new
        {
            providerId = "openai", model = "gpt-4o-m*",
            versions = new object[] { new { from = "2026-05-01T00:00:00Z", price = new { inputPerMillion = 1_000, outputPerMillion = 2_000, variants = new[] { new { tier = "batch", inputPerMillion = 500 } } } } },
        }));
        var snapshot = await SnapshotAsync(instance);
        Assert.Equal(["acme-discount", "mini"], snapshot.PriceOverrides.Select(static o => o.Id));
        Assert.Equal((ServiceTier.Batch, 500), (snapshot.PriceOverrides[1].Versions[0].Price!.Variants[0].Tier, snapshot.PriceOverrides[1].Versions[0].Price!.Variants[0].InputPerMillion));

        var before = await DoAsync(instance.Admin, HttpMethod.Get, "/api/prices/resolve?provider=openai&model=gpt-4o-mini&customer=acme&at=2026-04-30T00:00:00Z");
        Assert.Equal("table@2026-11-21*override:acme-discount@7", before["price"]!["version"]!.GetValue<string>());
        Assert.Equal(127_500_000, before["price"]!["inputPerMillion"]!.GetValue<long>());
        var after = await DoAsync(instance.Admin, HttpMethod.Get, "/api/prices/resolve?provider=openai&model=gpt-4o-mini&at=2026-05-01T00:00:00Z");
        Assert.StartsWith("override:mini@", after["price"]!["version"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(["override:mini", "table"], after["steps"]!.AsArray().Select(static s => s!["source"]!.GetValue<string>()));
        var unknown = await DoAsync(instance.Admin, HttpMethod.Get, "/api/prices/resolve?provider=openai&model=nobody-knows");
        Assert.Null(unknown["price"]);
        Assert.Equal("deny", unknown["unpriced"]!.GetValue<string>(), ignoreCase: true);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/prices/resolve?deployment=none")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Get, "/api/prices/resolve?provider=openai")).Status);
    }

    [Fact]
    public async Task Bad_overrides_are_refused()
    {
        var instance = await StartAsync();
        foreach (var (body, field) in ((object, string)[])
        [
            (new { versions = Array.Empty<object>() }, "versions"),
            (new { versions = new[] { new { version = "1" } } }, "versions"),
            (new { versions = new[] { new { price = new { inputPerMillion = 0, outputPerMillion = 0 } } } }, "versions"),
            (new { versions = new[] { new { factorBasisPoints = 0 } } }, "versions[0].factorBasisPoints"),
            (new { versions = new[] { new { from = "2026-05-02T00:00:00Z", until = "2026-05-01T00:00:00Z", factorBasisPoints = 9_000 } } }, "versions"),
            (new { versions = new[] { new { price = new { inputPerMillion = 1, outputPerMillion = 1, variants = new[] { new { inputPerMillion = 1 } } } } } }, "versions[0].price.variants[0].abovePromptTokens"),
            (new { providerId = "none", versions = new[] { new { factorBasisPoints = 9_000 } } }, "providerId"),
            (new { customerId = "none", versions = new[] { new { factorBasisPoints = 9_000 } } }, "customerId"),
            (new { deploymentId = "none", versions = new[] { new { factorBasisPoints = 9_000 } } }, "deploymentId"),
            (new { versions = new[] { new { factorBasisPoints = 9_000, discount = 1 } } }, "versions[0].discount"),
        ])
        {
            var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/price-overrides", body);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(field, FieldsOf(problem));
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { assumedPrice = "openai/nobody-knows" })).Status);
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { unpriced = "assume", assumedPrice = "openai/gpt-4o" });
        Assert.Equal("assumed:openai/gpt-4o(table@2026-11-21)", (await DoAsync(instance.Admin, HttpMethod.Get, "/api/prices/resolve?provider=openai&model=nobody-knows"))["price"]!["version"]!.GetValue<string>());
    }

    [Fact]
    public async Task Records_are_rated_again_once_with_totals_budgets_and_corrections()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id = "month", name = "month", limitNanoUsd = 1_000_000_000_000, window = "month" });
        var records = Enumerable.Range(0, 1_203).Select(static i => Record(i)).ToList();
        await IngestAsync(instance, [.. records.Take(1_000)]);
        await IngestAsync(instance, [.. records.Skip(1_000)]);
        var settledBefore = await SettledAsync(instance);
        await OpenAIAsync(instance);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/price-overrides", Override("right", new { providerId = "openai", model = "gpt-4o-mini", versions = new[] { new { version = "1", price = new { inputPerMillion = 3_000_000, outputPerMillion = 5_000_000 } } } }));

        var dry = await RerateAsync(instance, dryRun: true);
        Assert.Equal((1_203, 1_203 - 3, 2, 1), (dry["examined"]!.GetValue<long>(), dry["changed"]!.GetValue<long>(), dry["unpriced"]!.GetValue<long>(), dry["mixed"]!.GetValue<long>()));
        Assert.Equal(records.Sum(static r => r.CostNanoUsd), await CostAsync(instance));

        var tokensBefore = await TokensAsync(instance);
        var run = await RerateAsync(instance);
        Assert.Equal((dry["changed"]!.GetValue<long>(), dry["newCostNanoUsd"]!.GetValue<long>()), (run["changed"]!.GetValue<long>(), run["newCostNanoUsd"]!.GetValue<long>()));
        var expected = records.Sum(static r => r is { Model: "nobody-knows" } or { Continued: true } ? r.CostNanoUsd : (3 * r.Tokens.Input) + (5 * r.Tokens.Output));
        Assert.Equal(expected, await CostAsync(instance));
        Assert.Equal(tokensBefore, await TokensAsync(instance));
        Assert.Equal(expected - records.Sum(static r => r.CostNanoUsd), await SettledAsync(instance) - settledBefore);
        Assert.Equal(1_200L, Convert.ToInt64(await ScalarAsync(instance, "SELECT COUNT(*) FROM price_corrections"), CultureInfo.InvariantCulture));
        Assert.Equal(
            run["newCostNanoUsd"]!.GetValue<long>() - run["oldCostNanoUsd"]!.GetValue<long>(),
            Convert.ToInt64(await ScalarAsync(instance, "SELECT CAST(SUM(new_cost - old_cost) AS BIGINT) FROM price_corrections"), CultureInfo.InvariantCulture));
        // Those that had no price have one now.
        Assert.Equal(0, (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range}"))["total"]!["unpricedRequests"]!.GetValue<long>());
        var shown = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/usage/records?limit=1"))["items"]![0]!;
        Assert.Equal("override:right@1", shown["priceVersion"]!.GetValue<string>());

        var again = await RerateAsync(instance);
        Assert.Equal((1_203, 0), (again["examined"]!.GetValue<long>(), again["changed"]!.GetValue<long>()));
        Assert.Equal(expected, await CostAsync(instance));
    }

    [Fact]
    public async Task What_an_override_names_stays_while_it_names_it()
    {
        var instance = await StartAsync();
        await OpenAIAsync(instance);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/customers", new { id = "acme", name = "Acme" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id = "d", providerId = "openai", model = "gpt-4o" });
        foreach (var (plural, id, field) in ((string, string, string)[])[("customers", "acme", "customerId"), ("deployments", "d", "deploymentId"), ("providers", "openai", "providerId")])
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/price-overrides", Override("o", new Dictionary<string, object> { [field] = id, ["versions"] = new[] { new { factorBasisPoints = 9_000 } } }));
            var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Delete, $"/api/{plural}/{id}");
            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Contains("price override 'o'", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
            await DoAsync(instance.Admin, HttpMethod.Delete, "/api/price-overrides/o");
            await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/{plural}/{id}");
        }
    }

    [Fact]
    public async Task A_record_is_rated_by_the_assumed_price_where_its_deployment_assumes_one()
    {
        var instance = await StartAsync();
        await OpenAIAsync(instance);
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { unpriced = "deny", assumedPrice = "openai/gpt-4o" });
        foreach (var (id, unpriced) in ((string, string?)[])[("assumes", "assume"), ("denies", "deny"), ("as-all", null)])
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/deployments", new { id, providerId = "openai", model = "nobody-knows", unpriced });
        }

        await IngestAsync(instance, [.. ((string[])["assumes", "denies", "as-all"]).Select((id, i) => Record(50 + i) with { Id = $"{i + 500:x32}", DeploymentId = id, Model = "nobody-knows", CostNanoUsd = 0, PriceVersion = "" })]);

        var run = await RerateAsync(instance);

        Assert.Equal((1, 2), (run["changed"]!.GetValue<long>(), run["unpriced"]!.GetValue<long>()));
        var rated = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/usage/records"))["items"]!.AsArray().Single(r => r!["costNanoUsd"]!.GetValue<long>() > 0)!;
        Assert.Equal(("assumes", "assumed:openai/gpt-4o(table@2026-11-21)"), (rated["deployment"]!.GetValue<string>(), rated["priceVersion"]!.GetValue<string>()));

        // What holds for all changes, and with it the one that says nothing of its own.
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { unpriced = "assume" });
        var again = await RerateAsync(instance);
        Assert.Equal((1, 1), (again["changed"]!.GetValue<long>(), again["unpriced"]!.GetValue<long>()));
    }

    [Fact]
    public async Task A_run_goes_on_after_a_restart()
    {
        var first = await StartAsync();
        await IngestAsync(first, [.. Enumerable.Range(0, 20).Select(static i => Record(i))]);
        await StopAsync(first);
        // As an instance leaves it that dies in the middle: nine records are done.
        var second = await StartAsync();
        var cursor = Usage.Aggregates.UsageTime.Micros(Start.AddSeconds(8));
        await ExecuteAsync(second, $$"""
            INSERT INTO reratings (id, created_at, updated_at, state, filter, cursor_at, cursor_id, examined, changed, unpriced, mixed, old_cost, new_cost)
            VALUES ('r', 1, 1, 1, '{"from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"}', {{cursor}}, '{{Record(8).Id}}', 9, 9, 0, 0, 0, 0)
            """);
        await StopAsync(second);
        var third = await StartAsync();
        Assert.Equal(20, (await DoneAsync(third, "r"))["examined"]!.GetValue<long>());
    }

    private static object Override(string id, object fields)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(fields, System.Text.Json.JsonSerializerOptions.Web)!.AsObject();
        body["id"] = id;
        return body;
    }

    private static Task<JsonObject> OpenAIAsync(Instance instance) => DoAsync(instance.Admin, HttpMethod.Post, "/api/providers", new { id = "openai", baseUrl = "https://api.openai.com/v1" });

    private async Task<long> SettledAsync(Instance instance) =>
        Convert.ToInt64(await ScalarAsync(instance, "SELECT COALESCE(CAST(SUM(settled) AS BIGINT), 0) FROM budget_accounts WHERE budget_id = 'month'"), CultureInfo.InvariantCulture);

    private static async Task<long> CostAsync(Instance instance)
    {
        var total = (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range}"))["total"]!["costNanoUsd"]!.GetValue<long>();
        return total;
    }

    private static async Task<string> TokensAsync(Instance instance) => (await DoAsync(instance.Admin, HttpMethod.Get, $"/api/usage?{Range}"))["total"]!["tokens"]!.ToJsonString();

    private static async Task<JsonObject> RerateAsync(Instance instance, bool dryRun = false)
    {
        var (status, started, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/prices/rerate", new { from = "2026-01-01T00:00:00Z", to = "2027-01-01T00:00:00Z", dryRun });
        Assert.Equal(HttpStatusCode.Accepted, status);
        return await DoneAsync(instance, started["id"]!.GetValue<string>());
    }

    private static async Task<JsonObject> DoneAsync(Instance instance, string id)
    {
        JsonObject view = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/prices/rerate/{id}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!string.Equals(view["state"]!.GetValue<string>(), "done", StringComparison.OrdinalIgnoreCase))
        {
            await Task.Delay(20, limit.Token);
            view = await DoAsync(instance.Admin, HttpMethod.Get, $"/api/prices/rerate/{id}");
        }

        return view;
    }

    private static UsageRecord Record(int number) => new()
    {
        Id = $"{number:x32}",
        StartedAtMicros = Usage.Aggregates.UsageTime.Micros(Start.AddSeconds(number)),
        KeyId = $"key-{number % 3}",
        Operation = Operation.Chat,
        Model = number is 50 or 51 ? "nobody-knows" : "gpt-4o-mini",
        DeploymentId = "gone",
        ProviderId = "openai",
        Status = 200,
        Outcome = RequestOutcome.Completed,
        Tokens = new TokenUsage { Input = number, Output = 2 * number },
        Continued = number == 60,
        Budgets = ["month#month"],
        CostNanoUsd = number is 7 or 8 ? 0 : 1_000 + number,
        PriceVersion = number is 7 or 8 ? "" : "v1",
    };
}
