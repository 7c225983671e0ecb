using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Gate;
using Gateway.McpHub.MetaTools;
using Gateway.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.McpHub.Tests.CodeMode;

public sealed class InternalEndpointTests
{
    private const string Token = "internal-token-of-the-test-0123456789abcdef";

    private static readonly HubCallerFacts Caller = new() { KeyId = "k1", TeamId = "t1", SessionId = "s1" };

    [Fact]
    public async Task Tools_are_selected_by_patterns_among_those_that_the_caller_may_use()
    {
        var fake = new FakeTools().Add("git", "list_issues", "Lists").Add("git", "create_issue").Add("files", "read").Add("secret", "read");
        fake.May = static (_, t) => t.Server != "secret";
        await using var hub = await StartAsync(fake);
        Assert.Equal(["files__read", "git__create_issue", "git__list_issues"], await NamesAsync(hub, "*"));
        Assert.Equal(["git__create_issue", "git__list_issues"], await NamesAsync(hub, "git"));
        Assert.Equal(["files__read", "git__list_issues"], await NamesAsync(hub, "git/list_*", "*/read"));
        Assert.Empty(await NamesAsync(hub, "nothing", "secret/*"));
        Assert.Equal(["gateway__call_tool", "gateway__describe_tools", "gateway__find_tools", "gateway__run_program"], await NamesAsync(hub, "gateway"));
        var tool = (await ListAsync(hub, new HubToolsQuery { Caller = Caller, Patterns = ["git/list_issues"] })).Tools.Single();
        Assert.Equal(("git", "list_issues", "Lists"), (tool.Server, tool.Tool, tool.Description));
    }

    [Fact]
    public async Task Too_many_tools_give_way_to_the_search()
    {
        var fake = new FakeTools();
        for (var i = 0; i < 5; i++)
        {
            fake.Add("s", $"t{i}");
        }

        await using var hub = await StartAsync(fake);
        var answer = await ListAsync(hub, new HubToolsQuery { Caller = Caller, Patterns = ["*"], Most = 4 });
        Assert.Equal((true, 5, 4), (answer.IsSearch, answer.Selected, answer.Tools.Count));
    }

    [Fact]
    public async Task A_call_says_how_it_ended()
    {
        var fake = new FakeTools().Add("s", "t");
        await using var hub = await StartAsync(fake);
        var done = await CallAsync(hub, "s__t", "{\"a\":1}");
        Assert.Equal(McpCallOutcome.Done, done.Outcome);
        Assert.Equal(1, done.Result!.Value.GetProperty("structuredContent").GetProperty("arguments").GetProperty("a").GetInt32());
        Assert.Equal(("k1", "t1", "s1"), (fake.Called[0].Caller.KeyId, fake.Called[0].Caller.Team, fake.Called[0].Caller.Session));
        fake.Answer = static (_, _, _) => Task.FromResult("""{"content":[{"type":"text","text":"broken"}],"isError":true}""");
        Assert.Equal(McpCallOutcome.ToolError, (await CallAsync(hub, "s__t")).Outcome);
        fake.Answer = static (_, _, _) => Task.FromResult("""{"content":[{"type":"text","text":"ask first"}],"isError":true,"_meta":{"gateway/approval":"ap-7"}}""");
        var pending = await CallAsync(hub, "s__t");
        Assert.Equal((McpCallOutcome.Unapproved, "ap-7", "ask first"), (pending.Outcome, pending.ApprovalId, pending.Reason));
        var unknown = await CallAsync(hub, "s__nothing");
        Assert.Equal((McpCallOutcome.Refused, "Unknown tool: s__nothing."), (unknown.Outcome, unknown.Reason));
        var found = await CallAsync(hub, "gateway__find_tools", """{"query":"t"}""");
        Assert.StartsWith("s.t()", found.Result!.Value.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_asks_without_the_internal_token()
    {
        await using var hub = await StartAsync(new FakeTools());
        using var anonymous = new HttpClient { BaseAddress = new Uri(hub.Urls.Single()) };
        using var response = await anonymous.PostAsJsonAsync("/internal/tools", new HubToolsQuery { Caller = Caller, Patterns = ["*"] }, ContractsJson.Default.HubToolsQuery, TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<WebApplication> StartAsync(FakeTools fake)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [WireNames.InternalTokenKey] = Token, ["Logging:LogLevel:Default"] = "Error" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults(WireNames.McpHub);
        builder.AddMetaTools();
        builder.Services.AddSingleton<IToolCatalogue>(fake);
        builder.Services.AddSingleton<IToolCalls>(fake);
        var app = builder.Build();
        app.MapInternalTools();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static HttpClient Client(WebApplication hub)
    {
        var client = new HttpClient { BaseAddress = new Uri(hub.Urls.Single()) };
        client.DefaultRequestHeaders.Add(WireNames.InternalTokenHeader, Token);
        return client;
    }

    private static async Task<HubToolsAnswer> ListAsync(WebApplication hub, HubToolsQuery query)
    {
        using var client = Client(hub);
        using var response = await client.PostAsJsonAsync("/internal/tools", query, ContractsJson.Default.HubToolsQuery, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, response.StatusCode.ToString());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.HubToolsAnswer, TestContext.Current.CancellationToken))!;
    }

    private static async Task<IEnumerable<string>> NamesAsync(WebApplication hub, params string[] patterns) =>
        (await ListAsync(hub, new HubToolsQuery { Caller = Caller, Patterns = patterns })).Tools.Select(static t => t.Name);

    private static async Task<HubCallAnswer> CallAsync(WebApplication hub, string name, string arguments = "{}")
    {
        using var client = Client(hub);
        using var response = await client.PostAsJsonAsync("/internal/call", new HubCallQuery { Caller = Caller, Name = name, Arguments = JsonElement.Parse(arguments) }, ContractsJson.Default.HubCallQuery, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, response.StatusCode.ToString());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.HubCallAnswer, TestContext.Current.CancellationToken))!;
    }
}
