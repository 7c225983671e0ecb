using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Accounts;

public sealed class KeyAccessTests
{
    private const string Tree = """
        customers: { c: { enabled: %c } }
        teams: { t: { customer: c, enabled: %t } }
        users: { u: { team: t, enabled: %u } }
        """;

    [Theory]
    [InlineData("key", "The API key is blocked")]
    [InlineData("u", "The user of this API key is blocked")]
    [InlineData("t", "The team of this API key is blocked")]
    [InlineData("c", "The customer of this API key is blocked")]
    [InlineData("", "")]
    public async Task A_key_is_refused_when_it_or_any_account_above_it_is_blocked(string blocked, string message)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var tree = Tree;
        foreach (var level in (string[])["c", "t", "u"])
        {
            tree = tree.Replace("%" + level, blocked == level ? "false" : "true", StringComparison.Ordinal);
        }

        await using var edge = await EdgeHost.StartAsync(simulator, tree, $", user: u, enabled: {(blocked == "key" ? "false" : "true")}");
        using var response = await edge.ChatAsync("sim");
        if (blocked.Length == 0)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var record = (await edge.RecordsAsync(1)).Single();
            Assert.Equal(("main", "u", "t", "c"), (record.KeyId, record.UserId, record.TeamId, record.CustomerId));
            Assert.Equal("sim*", record.Route);
            return;
        }

        Assert.StartsWith(message, (await EdgeHost.ErrorAsync(response, 401, "api_key_blocked"))["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(simulator.Received);
    }

    [Theory]
    [InlineData("2999-01-01", 200, "")]
    [InlineData("2020-01-01", 401, "api_key_expired")]
    public async Task The_value_before_a_rotation_is_accepted_until_its_end(string until, int status, string code)
    {
        const string Old = "gw-the-value-before-the-rotation";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Old)));
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, keyMore: $", previousSha256: {hash}, previousUntil: {until}");
        using (var current = await edge.ChatAsync("sim"))
        {
            Assert.Equal(HttpStatusCode.OK, current.StatusCode);
        }

        edge.Client.DefaultRequestHeaders.Authorization = new("Bearer", Old);
        using var response = await edge.ChatAsync("sim");
        if (status == 200)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.All(await edge.RecordsAsync(2), static r => Assert.Equal("main", r.KeyId));
        }
        else
        {
            await EdgeHost.ErrorAsync(response, status, code);
        }
    }

    [Fact]
    public async Task A_key_uses_only_the_routes_it_is_allowed_wherever_they_are_named()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, keyMore: ", allowedRoutes: [good*]").Replace(
            "\"sim*\": { targets: [ { deployment: sim } ] }",
            """
            good: { aliases: [nice], targets: [ { deployment: plain } ], fallbacks: [bad] }
              bad: { aliases: [good-by-name-only], targets: [ { deployment: plain } ] }
              good-but-sent-away: { targets: [ { deployment: plain } ], rules: [ { when: 'true', route: bad } ] }
            """,
            StringComparison.Ordinal).Replace("  sim: { provider: sim, model: \"sim*\"", "  plain: { provider: sim, model: sim", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        foreach (var (model, status) in new[] { ("good", 200), ("nice", 200), ("bad", 403), ("good-by-name-only", 403), ("good-but-sent-away", 403) })
        {
            using var response = await edge.ChatAsync(model);
            Assert.True(status == (int)response.StatusCode, $"{model}: {(int)response.StatusCode}");
        }

        var listed = JsonNode.Parse(await edge.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative), TestContext.Current.CancellationToken))!["data"]!.AsArray();
        Assert.Equal(["good", "nice", "good-but-sent-away"], listed.Select(static m => m!["id"]!.GetValue<string>()));
    }
}
