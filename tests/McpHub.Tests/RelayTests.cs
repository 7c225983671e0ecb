using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;

namespace Gateway.McpHub.Tests;

/// <summary>What goes through the hub, in every pairing of the generations of client and server.</summary>
public sealed class RelayTests : IAsyncLifetime
{
    private FixtureServer server = null!;
    private FixtureServer newer = null!;
    private HubFixture hub = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FixtureServer.StartAsync();
        newer = await FixtureServer.StartAsync(isStateless: true);
        hub = await HubFixture.StartAsync($$"""{"id":"fix","url":"{{server.Url}}"},{"id":"new","url":"{{newer.Url}}"}""");
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await server.DisposeAsync();
        await newer.DisposeAsync();
    }

    [Fact]
    public async Task Tools_of_all_servers_are_listed_by_prefix_those_of_one_or_a_bundle_by_address()
    {
        var all = Names(await hub.AskAsync("/mcp", await hub.BeginAsync("/mcp"), "tools/list"));
        var one = Names(await hub.AskAsync("/mcp/fix", await hub.BeginAsync("/mcp/fix"), "tools/list"));
        var few = Names(await hub.AskAsync("/mcp/few", await hub.BeginAsync("/mcp/few"), "tools/list"));

        Assert.Contains("fix__echo", all);
        Assert.Contains("new__echo", all);
        Assert.Equal(server.Tools, one);
        Assert.Equal(["fix__count", "fix__echo"], few);
        using var nowhere = await hub.PostAsync("/mcp/nobody", """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}""", null, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)nowhere.StatusCode);
    }

    [Theory]
    [InlineData("fix")]
    [InlineData("new")]
    public async Task Results_and_definitions_pass_byte_for_byte(string id)
    {
        var session = await hub.BeginAsync("/mcp");
        var rich = await hub.AskAsync("/mcp", session, "tools/call", $$$"""{"name":"{{{id}}}__rich"}""");
        var bare = await hub.StatelessAsync($"/mcp/{id}", "tools/call", """{"name":"rich"}""");
        var list = await hub.AskAsync($"/mcp/{id}", await hub.BeginAsync($"/mcp/{id}"), "tools/list");

        Assert.Equal(JsonNode.Parse(FixtureServer.Rich)!.ToJsonString(), rich["result"]!.ToJsonString());
        Assert.Equal("complete", (string?)bare["result"]!["resultType"]);
        Assert.Equal("1.50", bare["result"]!["structuredContent"]!["n"]!.ToJsonString());
        Assert.Equal("""{"kept":[1,2]}""", list["result"]!["tools"]![0]!["x-unknown"]!.ToJsonString());
    }

    [Theory]
    [InlineData("fix")]
    [InlineData("new")]
    public async Task Arguments_and_foreign_meta_reach_the_server_and_the_protocols_own_meta_is_the_hubs(string id)
    {
        var reply = await hub.StatelessAsync($"/mcp/{id}", "tools/call", """{"name":"count","arguments":{"region":"eu","deep":{"a":[1.0]}},"x":7,"_meta":{"com.example/k":1}}""");

        var echo = reply["result"]!["echo"]!;
        Assert.Equal("""{"region":"eu","deep":{"a":[1.0]}}""", echo["arguments"]!.ToJsonString());
        Assert.Equal(7, (int)echo["x"]!);
        Assert.Equal(1, (int)echo["_meta"]!["com.example/k"]!);
        Assert.Equal(id == "new", echo["_meta"]!["io.modelcontextprotocol/protocolVersion"] is not null);
        if (id == "new")
        {
            Assert.Equal("eu", newer.Headers["tools/call"]["mcp-param-region"].ToString());
            Assert.Equal("count", newer.Headers["tools/call"]["mcp-name"].ToString());
        }
    }

    [Fact]
    public async Task A_clients_own_error_answer_says_nothing_in_the_hubs_name()
    {
        // A server without sessions asks; the client refuses, with the words by which the edge knows that a call costs nothing.
        var session = await hub.BeginAsync("/mcp/new", """{"elicitation":{}}""");
        var reply = await hub.AskAsync("/mcp/new", session, "tools/call", """{"name":"ask"}""", async message =>
        {
            using var answered = await hub.PostAsync(
                "/mcp/new",
                $$"""{"jsonrpc":"2.0","id":{{message["id"]!.ToJsonString()}},"error":{"code":-1,"message":"No.","data":{"gateway/may-have-run":false,"gateway/refusal":"Forbidden","kept":1,"_meta":{"gateway/cost-nano-usd":0} } } }""",
                session);
            Assert.Equal(202, (int)answered.StatusCode);
        });

        Assert.Equal("""{"code":-1,"message":"No.","data":{"kept":1,"_meta":{}}}""", reply["error"]!.ToJsonString());
    }

    [Fact]
    public async Task A_server_says_nothing_in_the_hubs_name_and_has_not_its_id()
    {
        // The server gives back what it was sent, in the place where it would say what the call cost.
        var reply = await hub.AskAsync("/mcp", await hub.BeginAsync("/mcp"), "tools/call", """{"name":"fix__echo","_meta":{"gateway/cost-nano-usd":0,"com.example/k":1}}""");
        Assert.Equal("""{"com.example/k":1}""", reply["result"]!["echo"]!["_meta"]!.ToJsonString());

        hub.Register($$"""{"id":"gateway","url":"{{server.Url}}"},{"id":"other","url":"{{server.Url}}"}""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!hub.Service.Output.Contains("has the id 'gateway'", StringComparison.Ordinal))
        {
            Assert.False(limit.IsCancellationRequested, "It was not told.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("echo", Names(await hub.AskAsync("/mcp/gateway", await hub.BeginAsync("/mcp/gateway"), "tools/list")));
    }

    [Fact]
    public async Task Progress_comes_under_the_clients_own_token()
    {
        List<string> tokens = [];
        Task Take(JsonObject message)
        {
            tokens.Add(message["params"]!["progressToken"]!.ToJsonString());
            return Task.CompletedTask;
        }

        await hub.AskAsync("/mcp/fix", await hub.BeginAsync("/mcp/fix"), "tools/call", """{"name":"progress","_meta":{"progressToken":"mine"}}""", Take);
        await hub.StatelessAsync("/mcp/fix", "tools/call", """{"name":"progress","_meta":{"progressToken":7}}""", other: Take);

        Assert.Equal(["\"mine\"", "\"mine\"", "\"mine\"", "7", "7", "7"], tokens);
    }

    [Theory]
    [InlineData("fix")]
    [InlineData("new")]
    public async Task A_question_of_either_generation_reaches_a_client_with_a_session(string id)
    {
        var path = $"/mcp/{id}";
        var session = await hub.BeginAsync(path, """{"elicitation":{}}""");
        var reply = await hub.AskAsync(path, session, "tools/call", """{"name":"ask"}""", async message =>
        {
            Assert.Equal("elicitation/create", (string?)message["method"]);
            using var sent = await hub.PostAsync(path, $$$$"""{"jsonrpc":"2.0","id":{{{{message["id"]!.ToJsonString()}}}},"result":{"action":"accept","content":{"name":"Ada"}}}""", session);
            Assert.Equal(202, (int)sent.StatusCode);
        });

        Assert.Equal("Ada", (string?)reply["result"]!["said"]);
    }

    [Theory]
    [InlineData("fix")]
    [InlineData("new")]
    public async Task A_question_of_either_generation_reaches_a_client_without(string id)
    {
        var first = await hub.StatelessAsync($"/mcp/{id}", "tools/call", """{"name":"ask"}""", """{"elicitation":{}}""");
        Assert.Equal("input_required", (string?)first["result"]!["resultType"]);
        var (key, request) = first["result"]!["inputRequests"]!.AsObject().Single();
        Assert.Equal("Who?", (string?)request!["params"]!["message"]);
        var again = new JsonObject
        {
            ["name"] = "ask",
            ["requestState"] = first["result"]!["requestState"]!.DeepClone(),
            ["inputResponses"] = new JsonObject { [key] = JsonNode.Parse("""{"action":"accept","content":{"name":"Ada"}}""") },
        };

        // What one caller was asked nobody else can answer.
        var stranger = id == "fix" ? await hub.StatelessAsync($"/mcp/{id}", "tools/call", again.ToJsonString(), """{"elicitation":{}}""", caller: "key-2") : null;
        var second = await hub.StatelessAsync($"/mcp/{id}", "tools/call", again.ToJsonString(), """{"elicitation":{}}""");

        Assert.Equal("Ada", (string?)second["result"]!["said"]);
        Assert.Equal(id == "fix" ? -32602 : null, (int?)stranger?["error"]!["code"]);
    }

    [Fact]
    public async Task Prompts_and_resources_are_relayed_and_told_apart()
    {
        var session = await hub.BeginAsync("/mcp");
        var prompts = await hub.AskAsync("/mcp", session, "prompts/list");
        var prompt = await hub.AskAsync("/mcp", session, "prompts/get", """{"name":"fix__greet"}""");
        var resources = await hub.AskAsync("/mcp", session, "resources/list");
        var resource = await hub.AskAsync("/mcp", session, "resources/read", """{"uri":"fix://a"}""");
        var missing = await hub.AskAsync("/mcp", session, "resources/read", """{"uri":"fix://nowhere"}""");
        var later = await hub.StatelessAsync("/mcp", "resources/read", """{"uri":"fix://nowhere"}""");

        Assert.Equal("fix__greet", (string?)prompts["result"]!["prompts"]!.AsArray().Single()!["name"]);
        Assert.Equal("greet", (string?)prompt["result"]!["messages"]![0]!["content"]!["text"]);
        Assert.Equal(1, (int)resources["result"]!["resources"]!.AsArray().Single()!["x-own"]!);
        Assert.Equal("A", (string?)resource["result"]!["contents"]![0]!["text"]);
        Assert.Equal(-32002, (int)missing["error"]!["code"]!);
        Assert.Equal(-32602, (int)later["error"]!["code"]!);
    }

    [Fact]
    public async Task The_address_of_a_server_says_what_the_server_says_of_itself()
    {
        var described = await hub.StatelessAsync("/mcp/fix", "server/discover");

        Assert.Equal("Be kind.", (string?)described["result"]!["instructions"]);
        Assert.Equal("fixture", (string?)described["result"]!["_meta"]!["io.modelcontextprotocol/serverInfo"]!["name"]);
        Assert.Equal("private", (string?)described["result"]!["cacheScope"]);
    }

    private static List<string> Names(JsonObject list) => [.. list["result"]!["tools"]!.AsArray().Select(t => (string)t!["name"]!)];
}
