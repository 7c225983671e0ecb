using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Pipeline;

public sealed class UpstreamFaultTests
{
    [Theory]
    [InlineData("cut=40", 502, "upstream_cut")]
    [InlineData("cut=40&reset=1", 502, "upstream_cut")]
    [InlineData("drop=1", 502, "upstream_cut")]
    [InlineData("truncate=30", 502, "upstream_invalid_response")]
    [InlineData("html=1", 502, "upstream_invalid_response")]
    [InlineData("empty=1", 502, "upstream_invalid_response")]
    [InlineData("stall=headers", 504, "upstream_timeout")]
    [InlineData("stall=body", 504, "upstream_stalled")]
    [InlineData("stall=firstByte", 504, "upstream_stalled")]
    public async Task A_wrong_or_slow_provider_is_a_502_or_504_with_the_attempts(string fault, int status, string code)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl).Replace("apiKey:", "timeouts: { firstByteMs: 400, idleMs: 400 }, apiKey:", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var response = await edge.ChatAsync("sim?" + fault);
        var error = await EdgeHost.ErrorAsync(response, status, code);
        Assert.Equal("upstream", error["fault"]!.GetValue<string>());
        Assert.Equal("sim", Assert.Single(error["attempts"]!.AsArray())!["deployment"]!.GetValue<string>());
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.UpstreamUnavailable, record.Outcome);
        Assert.Equal(code, record.ErrorCode);
    }

    [Fact]
    public async Task A_dead_provider_is_a_502_and_costs_nothing()
    {
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration($"http://127.0.0.1:{ClosedPort()}/v1"));
        using var response = await edge.ChatAsync("sim");
        await EdgeHost.ErrorAsync(response, 502, "upstream_unreachable");
        Assert.Equal(0, Assert.Single(await edge.RecordsAsync(1)).CostNanoUsd);
    }

    [Fact]
    public async Task A_metadata_address_is_not_called()
    {
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration("http://100.100.100.200/v1"));
        using var response = await edge.ChatAsync("sim");
        await EdgeHost.ErrorAsync(response, 502, "upstream_address_refused");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(422)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task The_providers_own_error_comes_through_with_its_status_body_and_headers(int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.ChatAsync($"sim?status={status}&retryAfter=7&rateHeaders=1&error=their_code");
        var error = await EdgeHost.ErrorAsync(response, status, "their_code");
        Assert.Null(error["fault"]);
        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
        Assert.Contains(response.Headers, static h => h.Key.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase));
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.UpstreamError, record.Outcome);
        Assert.Equal(status, record.Status);
        Assert.Equal(0, record.CostNanoUsd);
    }

    [Theory]
    [InlineData("status=500")]
    [InlineData("status=429")]
    [InlineData("status=401")]
    [InlineData("drop=1")]
    [InlineData("cut=20")]
    [InlineData("html=1")]
    public async Task A_failure_before_the_first_byte_is_invisible_when_another_target_answers(string fault)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(TwoTargets(simulator.BaseUrl, fault, ""));
        // A 401 retires the credential and a 429 cools it: the second request does not go there any more.
        var remembered = fault is "status=401" or "status=429";
        foreach (var stream in new[] { "false", "true" })
        {
            using var response = await edge.ChatAsync("both", $"\"stream\":{stream}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(remembered && stream == "true" ? null : "2", response.Headers.TryGetValues("x-gateway-attempts", out var attempts) ? attempts.Single() : null);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("\"error\"", text, StringComparison.Ordinal);
        }

        var records = await edge.RecordsAsync(2);
        Assert.All(records, static r => Assert.Equal("good", r.DeploymentId));
        Assert.Equal([2, remembered ? 1 : 2], records.Select(static r => r.Attempts));
    }

    [Fact]
    public async Task When_every_target_fails_each_is_listed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(TwoTargets(simulator.BaseUrl, "drop=1", "?html=1"));
        using var response = await edge.ChatAsync("both");
        var error = await EdgeHost.ErrorAsync(response, 502, "upstream_invalid_response");
        Assert.Equal(["bad", "good"], error["attempts"]!.AsArray().Select(static a => a!["deployment"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_provider_that_quotes_its_key_in_an_error_does_not_leak_it()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.ChatAsync("sim?status=401&error=sk-p****7890--sk-provider-secret-1234567890");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("upstream", response.Headers.GetValues("x-gateway-fault").Single());
        Assert.DoesNotContain("sk-p", text, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(text)!["error"]);
    }

    private static string TwoTargets(string baseUrl, string fault, string second) => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers: { sim: { baseUrl: "{{baseUrl}}" } }
        deployments:
          bad: { provider: sim, model: "sim?{{fault}}" }
          good: { provider: sim, model: "sim{{second}}" }
        routes: { both: [bad, good] }
        keys: { main: { value: {{EdgeHost.Key}} } }
        """;

    private static int ClosedPort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
