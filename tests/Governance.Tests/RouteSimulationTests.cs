using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Health;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class RouteSimulationTests() : GovernanceTests(null)
{
    [Fact]
    public async Task A_simulation_says_where_a_request_would_go_and_why_with_what_edges_report()
    {
        var admin = (await PrepareAsync()).Admin;
        var gold = await DoAsync(admin, HttpMethod.Post, "/api/routes/simulate", new { model = "smart", keyId = "k", headers = new { x_tier = "gold" }, tokens = 5_000 });
        Assert.Equal(["smart", "big-*"], gold["routes"]!.AsArray().Select(static r => r!["route"]!.GetValue<string>()));
        Assert.Equal("large", gold["routes"]![0]!["rule"]!.GetValue<string>());
        Assert.Equal("b", gold["routes"]![1]!["candidates"]![0]!["deploymentId"]!.GetValue<string>());
        Assert.Equal("long", gold["attributes"]!["size"]!.GetValue<string>());

        var own = await DoAsync(admin, HttpMethod.Post, "/api/routes/simulate", new { model = "clever", keyId = "k" });
        Assert.Equal("the key's own route for 'clever'", own["routes"]![0]!["why"]!.GetValue<string>());
        var forbidden = await DoAsync(admin, HttpMethod.Post, "/api/routes/simulate", new { model = "nothing" });
        Assert.Contains("No route serves", forbidden["refused"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_that_one_edge_reports_is_told_to_others_and_shown_in_simulations()
    {
        var instance = await PrepareAsync();
        var report = new HealthReport { EdgeId = "edge-1", Deployments = [new DeploymentReport { Id = "a", RestsUntil = TimeProvider.System.GetUtcNow().AddMinutes(1), Reason = "status 500" }] };
        Assert.Empty((await ExchangeAsync(instance, report)).Edges);
        var heard = await ExchangeAsync(instance, new HealthReport { EdgeId = "edge-2" });
        Assert.Equal("status 500", Assert.Single(Assert.Single(heard.Edges).Deployments).Reason);

        var simulation = await DoAsync(instance.Admin, HttpMethod.Post, "/api/routes/simulate", new { model = "smart" });
        var route = simulation["routes"]![0]!;
        Assert.Equal(["b"], route["candidates"]!.AsArray().Select(static c => c!["deploymentId"]!.GetValue<string>()));
        Assert.Equal("resting: status 500", route["skipped"]![0]!["reason"]!.GetValue<string>());

        using var malformed = await instance.Internal.PostAsync("/internal/health", new StringContent("""{"edgeId":""}"""), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        using var stranger = await instance.Anonymous.PostAsJsonAsync("/internal/health", report, ContractsJson.Default.HealthReport, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task A_wrong_route_is_refused_with_every_field()
    {
        var admin = (await PrepareAsync()).Admin;
        var (status, body, _) = await SendAsync(admin, HttpMethod.Post, "/api/routes", new
        {
            name = "wrong",
            targets = new[] { new { deploymentId = "a", canaryPercent = 10 } },
            rules = new object[] { new { when = "tokens >" }, new { when = "true", targets = new[] { "b" } } },
            fallbacks = new[] { "nowhere" },
            stickyBy = new[] { "cookie" },
            hedge = new { delayMs = 1, percentile = 90 },
        });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Superset(new HashSet<string> { "targets", "rules[0].when", "rules[1].targets", "stickyBy[0]", "hedge" }, FieldsOf(body).ToHashSet());
        var (dangling, other, _) = await SendAsync(admin, HttpMethod.Post, "/api/routes", new { name = "wrong", targets = new[] { new { deploymentId = "a" } }, fallbacks = new[] { "nowhere" } });
        Assert.Equal((HttpStatusCode.BadRequest, "fallbacks[0]"), (dangling, FieldsOf(other).Single()));
        var (inUse, _, _) = await SendAsync(admin, HttpMethod.Delete, "/api/routes/smart");
        Assert.Equal(HttpStatusCode.Conflict, inUse);
    }

    private static async Task<SharedHealth> ExchangeAsync(Instance instance, HealthReport report)
    {
        using var response = await instance.Internal.PostAsJsonAsync("/internal/health", report, ContractsJson.Default.HealthReport, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.SharedHealth, Cancellation))!;
    }

    private async Task<Instance> PrepareAsync()
    {
        var instance = await StartAsync();
        var admin = instance.Admin;
        await DoAsync(admin, HttpMethod.Post, "/api/providers", new { id = "p", baseUrl = "http://127.0.0.1:9/v1" });
        await DoAsync(admin, HttpMethod.Post, "/api/deployments", new { id = "a", providerId = "p", model = "m" });
        await DoAsync(admin, HttpMethod.Post, "/api/deployments", new { id = "b", providerId = "p", model = "m2" });
        await DoAsync(admin, HttpMethod.Post, "/api/routes", new { name = "big-*", targets = new[] { new { deploymentId = "b" } } });
        await DoAsync(admin, HttpMethod.Post, "/api/routes", new
        {
            name = "smart",
            aliases = new[] { "clever" },
            targets = new[] { new { deploymentId = "a" }, new { deploymentId = "b" } },
            rules = new object[]
            {
                new { when = "tokens > 1000", set = new { size = "long" } },
                new { name = "large", when = "attribute[\"size\"] == \"long\" && key == \"k\"", route = "big-7" },
            },
        });
        await DoAsync(admin, HttpMethod.Post, "/api/keys", new { id = "k", name = "k", routes = new[] { new { model = "clever", route = "smart" } } });
        var snapshot = await SnapshotAsync(instance);
        Assert.Equal("big-7", snapshot.Routes.Single(static r => r.Name == "smart").Rules[1].Route);
        Assert.IsType<JsonObject>(await DoAsync(admin, HttpMethod.Get, "/api/routes/smart"));
        return instance;
    }
}
