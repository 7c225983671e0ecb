using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;

namespace Gateway.McpHub.Tests.Schemas;

/// <summary>All that the hub sends, to clients and to servers of both generations, is what the published schema of the revision allows.</summary>
public sealed class SchemaTests : IAsyncLifetime
{
    private const string Elicitation = """{"elicitation":{}}""";

    private readonly List<string> problems = [];
    private FixtureServer server = null!;
    private FixtureServer newer = null!;
    private HubFixture hub = null!;
    private int messages;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await FixtureServer.StartAsync();
        newer = await FixtureServer.StartAsync(isStateless: true);
        hub = await HubFixture.StartAsync($$"""{"id":"fix","url":"{{server.Url}}"},{"id":"short","url":"{{server.Url}}","timeout":"00:00:00.3"},{"id":"new","url":"{{newer.Url}}"}""");
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await server.DisposeAsync();
        await newer.DisposeAsync();
    }

    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Messages_of_sessions_are_valid_on_both_sides(string version)
    {
        Assert.SkipWhen(McpSchema.Of(version) is null, "the schemas of MCP are not in ../shared/data");
        foreach (var path in new[] { "/mcp", "/mcp/fix", "/mcp/new" })
        {
            var prefix = path == "/mcp" ? "fix__" : "";
            using var begun = await hub.PostAsync(
                path, $$$$"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"{{{{version}}}}","capabilities":{{{{Elicitation}}}},"clientInfo":{"name":"t","version":"1"}}}""", null, cancellation: Cancel);
            var session = begun.Headers.GetValues("Mcp-Session-Id").Single();
            var initialized = await hub.AnswerAsync(begun);
            Take(version, "initialize", initialized);
            Assert.Equal(version, (string?)initialized["result"]!["protocolVersion"]);
            foreach (var (method, parameters) in Requests(prefix))
            {
                await AskAsync(path, session, version, method, parameters);
            }

            if (string.CompareOrdinal(version, "2025-06-18") >= 0)
            {
                await AskAsync(path, session, version, "tools/call", $$"""{"name":"{{prefix}}ask"}""");
                await AskAsync(path, session, version, "tools/call", $$"""{"name":"{{prefix}}rich"}""");
            }

            foreach (var tool in path == "/mcp/fix" ? (string[])["malformed", "wrongid", "broken", "refused", "nobody"] : [])
            {
                await AskAsync(path, session, version, "tools/call", $$"""{"name":"{{tool}}"}""");
            }
        }

        await AskAsync("/mcp/short", await hub.BeginAsync("/mcp/short"), version, "tools/call", """{"name":"hang"}""");
        TakeServers();
        Assert.True(problems.Count == 0, string.Join('\n', problems.Distinct().Take(30)));
        Assert.InRange(messages, 60, 1000);
    }

    [Fact]
    public async Task Messages_without_sessions_are_valid_on_both_sides()
    {
        Assert.SkipWhen(McpSchema.Of("2026-07-28") is null, "the schemas of MCP are not in ../shared/data");
        foreach (var path in new[] { "/mcp", "/mcp/fix", "/mcp/new" })
        {
            var prefix = path == "/mcp" ? "new__" : "";
            foreach (var (method, parameters) in Requests(prefix).Where(r => r.Method is not ("ping" or "logging/setLevel")).Append(("server/discover", "{}")).Append(("tools/call", $$"""{"name":"{{prefix}}rich"}""")))
            {
                Take("2026-07-28", method, await hub.StatelessAsync(path, method, parameters, Elicitation, m => NotifiedAsync("2026-07-28", m)));
            }

            var first = await hub.StatelessAsync(path, "tools/call", $$"""{"name":"{{prefix}}ask"}""", Elicitation);
            Take("2026-07-28", "tools/call", first);
            var answers = new JsonObject(first["result"]!["inputRequests"]!.AsObject().Select(q => KeyValuePair.Create(q.Key, JsonNode.Parse("""{"action":"accept","content":{"name":"Ada"}}"""))));
            var again = new JsonObject { ["name"] = prefix + "ask", ["requestState"] = first["result"]!["requestState"]?.DeepClone(), ["inputResponses"] = answers };
            Take("2026-07-28", "tools/call", await hub.StatelessAsync(path, "tools/call", again.ToJsonString(), Elicitation));
        }

        TakeServers();
        Assert.True(problems.Count == 0, string.Join('\n', problems.Distinct().Take(30)));
        Assert.InRange(messages, 60, 1000);
    }

    private static IEnumerable<(string Method, string Parameters)> Requests(string prefix) =>
    [
        ("ping", "{}"),
        ("tools/list", "{}"),
        ("tools/call", $$$"""{"name":"{{{prefix}}}echo","arguments":{"a":1},"_meta":{"com.example/k":1}}"""),
        ("tools/call", $$$"""{"name":"{{{prefix}}}progress","_meta":{"progressToken":"p"}}"""),
        ("prompts/list", "{}"),
        ("prompts/get", $$"""{"name":"{{prefix}}greet"}"""),
        ("prompts/get", """{"name":"nobody"}"""),
        ("resources/list", "{}"),
        ("resources/templates/list", "{}"),
        ("resources/read", """{"uri":"fix://a"}"""),
        ("resources/read", """{"uri":"fix://nowhere"}"""),
        ("completion/complete", """{"ref":{"type":"ref/prompt","name":"nobody"},"argument":{"name":"a","value":"b"}}"""),
        ("logging/setLevel", """{"level":"info"}"""),
    ];

    private async Task AskAsync(string path, string session, string version, string method, string parameters)
        => Take(version, method, await hub.AskAsync(path, session, method, parameters, m => AnsweredAsync(path, session, version, m)));

    // A question of the server is answered, so that the hub has an answer to pass on.
    private async Task AnsweredAsync(string path, string session, string version, JsonObject message)
    {
        await NotifiedAsync(version, message);
        if (message["id"] is { } id)
        {
            using var sent = await hub.PostAsync(path, $$$$"""{"jsonrpc":"2.0","id":{{{{id.ToJsonString()}}}},"result":{"action":"accept","content":{"name":"Ada"}}}""", session, cancellation: Cancel);
        }
    }

    private Task NotifiedAsync(string version, JsonObject message)
    {
        Take(version, null, message);
        return Task.CompletedTask;
    }

    // What servers got: the hub's own requests and notifications, and answers to what they asked.
    private void TakeServers()
    {
        foreach (var message in server.Received.Concat(newer.Received))
        {
            // A probe of the newer generation goes to servers of the older, too.
            var version = (string?)message["params"]?["_meta"]?["io.modelcontextprotocol/protocolVersion"] ?? "2025-11-25";
            Take(version, "elicitation/create", message);
        }
    }

    private void Take(string version, string? answersTo, JsonObject message)
    {
        messages++;
        problems.AddRange(McpSchema.Of(version)!.Check(message, answersTo).Select(p => $"{version} {message["method"] ?? answersTo}: {p} in {(message.ToJsonString() is var text && text.Length > 300 ? text[..300] : text)}"));
    }
}
