using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;

namespace Gateway.McpHub.Tests;

/// <summary>HTTP with SSE of 2024-11-05, at both ends: one hub is a server of the other.</summary>
public sealed class OldHttpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_ends_speak_the_old_transport()
    {
        await using var server = await FixtureServer.StartAsync();
        await using var inner = await HubFixture.StartAsync($$"""{"id":"fix","url":"{{server.Url}}"}""");
        await using var outer = await HubFixture.StartAsync(
            $$$"""{"id":"in","transport":"sse","url":"{{{inner.Service.Client.BaseAddress}}}mcp/fix","headers":{"x-gateway-internal-token":"{{{Gateway.Tests.ServiceProcess.Token}}}"} }""");
        var session = await outer.BeginAsync("/mcp/in", """{"elicitation":{}}""");

        var rich = await outer.AskAsync("/mcp/in", session, "tools/call", """{"name":"rich"}""");
        List<string> tokens = [];
        await outer.AskAsync("/mcp/in", session, "tools/call", """{"name":"progress","_meta":{"progressToken":"p"}}""", message =>
        {
            tokens.Add((string)message["params"]!["progressToken"]!);
            return Task.CompletedTask;
        });
        var asked = await outer.AskAsync("/mcp/in", session, "tools/call", """{"name":"ask"}""", async message =>
        {
            using var sent = await outer.PostAsync(
                "/mcp/in", $$$$"""{"jsonrpc":"2.0","id":{{{{message["id"]!.ToJsonString()}}}},"result":{"action":"accept","content":{"name":"Ada"}}}""", session);
        });

        Assert.Equal(JsonNode.Parse(FixtureServer.Rich)!.ToJsonString(), rich["result"]!.ToJsonString());
        Assert.Equal(["p", "p", "p"], tokens);
        Assert.Equal("Ada", (string?)asked["result"]!["said"]);
        Assert.False(Cancel.IsCancellationRequested);
    }
}
