using System.Net;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Routing;

public sealed class RouteStrategyTests
{
    [Theory]
    [InlineData("round-robin", 1, 1, 50, 50)]
    [InlineData("weighted", 9, 1, 70, 100)]
    [InlineData("weighted", 1, 0, 100, 100)]
    [InlineData("priority", 1, 9, 100, 100)]
    public async Task Targets_share_the_requests_as_the_strategy_says(string strategy, int first, int second, int least, int most)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { sim: { baseUrl: "{{simulator.BaseUrl}}" } }
            deployments: { a: { provider: sim, model: sim }, b: { provider: sim, model: sim } }
            routes: { r: { strategy: {{strategy}}, targets: [ { deployment: a, weight: {{first}} }, { deployment: b, weight: {{second}} } ] } }
            keys: { main: { value: {{EdgeHost.Key}} } }
            """);
        for (var i = 0; i < 100; i++)
        {
            using var response = await edge.ChatAsync("r");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.InRange((await edge.RecordsAsync(100)).Count(static r => r.DeploymentId == "a"), least, most);
    }

    [Fact]
    public async Task A_lower_priority_is_tried_only_when_the_higher_one_fails()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { sim: { baseUrl: "{{simulator.BaseUrl}}" }, other: { baseUrl: "{{simulator.BaseUrl}}" } }
            deployments: { a: { provider: sim, model: "sim?status=503" }, b: { provider: other, model: sim } }
            routes: { r: { targets: [ { deployment: b, priority: 1 }, { deployment: a, priority: 0 } ] } }
            keys: { main: { value: {{EdgeHost.Key}} }, narrow: { value: gw-narrow-key-00000000000000000000000000000000000, allowedProviders: [ sim ] } }
            """);
        using var served = await edge.ChatAsync("r");
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Equal("b", Assert.Single(await edge.RecordsAsync(1)).DeploymentId);

        edge.Client.DefaultRequestHeaders.Authorization = new("Bearer", "gw-narrow-key-00000000000000000000000000000000000");
        using var refused = await edge.ChatAsync("r");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("a", (await edge.RecordsAsync(2))[1].DeploymentId);
    }

    [Theory]
    [InlineData("allowedIps: [ 10.0.0.0/8 ]", 403, "address_not_allowed")]
    [InlineData("allowedIps: [ 127.0.0.0/8 ]", 200, "")]
    [InlineData("requiredMetadata: [ project ]", 400, "metadata_required")]
    [InlineData("allowedProviders: [ other ]", 403, "provider_not_allowed")]
    [InlineData("enabled: false", 401, "api_key_blocked")]
    [InlineData("expiresAt: 2020-01-01T00:00:00Z", 401, "api_key_expired")]
    public async Task A_key_does_only_what_it_may(string restriction, int status, string code)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, keyMore: ", " + restriction).Replace("deployments:", "  other: { baseUrl: \"http://127.0.0.1:9/v1\" }\ndeployments:", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var response = await edge.ChatAsync("sim");
        if (status == 200)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            await EdgeHost.ErrorAsync(response, status, code);
            Assert.Empty(simulator.Received);
        }
    }
}
