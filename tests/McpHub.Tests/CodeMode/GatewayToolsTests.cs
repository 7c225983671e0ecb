using System.Text;
using System.Text.Json;
using Gateway.McpHub.Callers;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Search;
using Gateway.McpHub.Upstreams;
using Gateway.Starlark;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.McpHub.Tests.CodeMode;

public sealed class GatewayToolsTests
{
    private static readonly HubCaller Caller = new() { KeyId = "k1" };

    [Fact]
    public async Task A_program_calls_tools_and_only_what_it_returns_comes_back()
    {
        var fake = new FakeTools().Add("git-hub", "list_issues", schema: """{"type":"object","properties":{"repo":{"type":"string"}},"required":["repo"]}""").Add("chat", "post");
        fake.Answer = static (name, arguments, _) => Task.FromResult(name == "git-hub__list_issues" ? FakeTools.Structured("""{"issues":[{"n":1,"age":5},{"n":2,"age":50}]}""") : """{"content":[{"type":"text","text":"posted"}]}""");
        var (text, isError) = await RunAsync(fake, """
            old = [i["n"] for i in git_hub.list_issues("gateway")["issues"] if i["age"] > 30]
            return {"old": old, "said": chat.post(text=str(old))}
            """);
        Assert.False(isError, text);
        Assert.Equal("""{"old":[2],"said":"posted"}""", text);
        Assert.Equal(["git-hub__list_issues", "chat__post"], fake.Called.Select(static c => c.Name));
        Assert.All(fake.Called, static c => Assert.Equal((CallOrigin.Program, "k1"), (c.Caller.Origin, c.Caller.KeyId)));
    }

    [Fact]
    public async Task Independent_calls_run_beside_each_other()
    {
        var fake = new FakeTools().Add("s", "slow");
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        fake.Answer = async (_, arguments, cancelled) =>
        {
            if (Interlocked.Increment(ref waiting) == 5)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(cancelled);
            return FakeTools.Structured($$"""{"i":{{arguments.GetProperty("i").GetInt32()}}}""");
        };
        var (text, _) = await RunAsync(fake, "return [r['i'] for r in gather([call(s.slow, i=i) for i in range(5)])]");
        Assert.Equal("[0,1,2,3,4]", text);
    }

    [Fact]
    public async Task A_tool_is_authorised_at_the_moment_of_its_call()
    {
        var fake = new FakeTools().Add("a", "first").Add("a", "second");
        var mayStill = true;
        fake.May = (_, t) => t.Name == "first" || mayStill;
        fake.Answer = (_, _, _) =>
        {
            mayStill = false;
            return Task.FromResult(FakeTools.Structured("{}"));
        };
        var (text, isError) = await RunAsync(fake, """
            a.first()
            try:
                a.second()
            except Exception as e:
                return "refused: " + str(e)
            return "done"
            """);
        Assert.False(isError, text);
        Assert.Contains("Unknown tool", text, StringComparison.Ordinal);
        Assert.Single(fake.Called);
    }

    [Fact]
    public async Task What_a_caller_may_not_use_is_not_found_described_or_called()
    {
        var fake = new FakeTools().Add("files", "read_file", "Read a file").Add("secret", "launch_rocket", "Launch the rocket");
        fake.May = static (c, t) => t.Server != "secret" || c.KeyId == "boss";
        var tools = Tools(fake);
        var found = await TextAsync(tools, "find_tools", """{"query":"launch the rocket","limit":20}""");
        Assert.DoesNotContain("rocket", found.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("there is no such tool", (await TextAsync(tools, "describe_tools", """{"names":["secret.launch_rocket"]}""")).Text, StringComparison.Ordinal);
        Assert.True((await TextAsync(tools, "call_tool", """{"name":"secret__launch_rocket"}""")).IsError);
        Assert.Contains("secret", (await TextAsync(tools, "run_program", """{"program":"return secret.launch_rocket()"}""")).Text, StringComparison.Ordinal);
        Assert.Empty(fake.Called);
        var boss = await tools.CallAsync(new HubCaller { KeyId = "boss" }, HubScope.All, "gateway__find_tools", Parameters("""{"query":"launch the rocket"}"""), NoPeer.Instance, TestContext.Current.CancellationToken);
        Assert.Contains("secret.launch_rocket()", Encoding.UTF8.GetString(boss.Json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Priced_calls_stay_within_what_the_edge_holds()
    {
        var fake = new FakeTools().Add("paid", "look");
        var program = """
            n = 0
            for i in range(10):
                try:
                    paid.look()
                    n += 1
                except Exception as e:
                    return [n, str(e)]
            return [n, ""]
            """;
        var tools = Tools(fake, new FixedPrice(3));
        var reply = await tools.CallAsync(Caller with { HoldNanos = 10 }, HubScope.All, "gateway__run_program", Parameters($$"""{"program":{{Quoted(program)}}}"""), NoPeer.Instance, TestContext.Current.CancellationToken);
        var result = JsonElement.Parse(reply.Json.Span);
        Assert.StartsWith("[3,", result.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(9, result.GetProperty("_meta").GetProperty("gateway/cost-nano-usd").GetInt64());
        Assert.Equal(3, fake.Called.Count);
    }

    [Fact]
    public async Task Calls_that_were_not_made_cost_nothing()
    {
        var fake = new FakeTools().Add("paid", "look");
        fake.Answer = static (_, _, _) => Task.FromResult("""{"content":[{"type":"text","text":"Not allowed."}],"isError":true,"_meta":{"gateway/refusal":"Forbidden"}}""");
        var tools = Tools(fake, new FixedPrice(10));
        var reply = await tools.CallAsync(
            Caller with { HoldNanos = 10 }, HubScope.All, "gateway__run_program", Parameters("""{"program":"def t():\n    try:\n        paid.look()\n    except Exception as e:\n        return str(e)\nreturn [t(), t()]"}"""), NoPeer.Instance, TestContext.Current.CancellationToken);
        var result = JsonElement.Parse(reply.Json.Span);
        Assert.Contains("Not allowed.", result.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, result.GetProperty("_meta").GetProperty("gateway/cost-nano-usd").GetInt64());
        Assert.Equal(2, fake.Called.Count);
    }

    [Theory]
    [InlineData("while True:\n    pass", "steps")]
    [InlineData("def f(n):\n    return f(n + 1)\nreturn f(0)", "")]
    [InlineData("s = 'x'\nwhile True:\n    s = s + s", "")]
    [InlineData("for i in range(1000):\n    s.t()", "calls")]
    [InlineData("return s.nothing()", "nothing")]
    [InlineData("import os", "import")]
    [InlineData("return s.t.__class__", "")]
    public async Task Programs_that_go_too_far_end_with_a_place_and_a_reason(string program, string why)
    {
        var fake = new FakeTools().Add("s", "t");
        var (text, isError) = await RunAsync(fake, program);
        Assert.True(isError);
        Assert.StartsWith("error: line ", text, StringComparison.Ordinal);
        Assert.Contains(why, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Time_ends_a_program_while_it_waits_for_a_tool_and_the_tool_is_told()
    {
        var fake = new FakeTools().Add("s", "t");
        var told = false;
        fake.Answer = async (_, _, cancelled) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancelled);
            }
            finally
            {
                told = cancelled.IsCancellationRequested;
            }

            return "";
        };
        var (text, isError) = await RunAsync(fake, "return s.t()", new ProgramLimits { Time = TimeSpan.FromMilliseconds(50) });
        Assert.True(isError && told);
        Assert.Contains("longer than 0.05 seconds", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_a_program_at_its_next_step()
    {
        var fake = new FakeTools().Add("s", "t");
        using var leaving = new CancellationTokenSource();
        fake.Answer = async (_, _, _) =>
        {
            await leaving.CancelAsync();
            return "{}";
        };
        var tools = Tools(fake, limits: new ProgramLimits { Script = new ScriptLimits { MaxSteps = long.MaxValue } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tools.CallAsync(
            Caller, HubScope.All, "gateway__run_program", Parameters("""{"program":"s.t()\nwhile True:\n    pass"}"""), NoPeer.Instance, leaving.Token));
    }

    [Fact]
    public async Task Results_are_values_and_failures_of_tools_can_be_handled()
    {
        var fake = new FakeTools().Add("s", "json").Add("s", "text").Add("s", "many").Add("s", "image").Add("s", "fails").Add("s", "empty");
        fake.Answer = static (name, _, _) => Task.FromResult(name switch
        {
            "s__json" => """{"content":[{"type":"text","text":" {\"a\":[1,2]} "}]}""",
            "s__text" => """{"content":[{"type":"text","text":"{not json"}]}""",
            "s__many" => """{"content":[{"type":"text","text":"[1]"},{"type":"text","text":"b"}]}""",
            "s__image" => """{"content":[{"type":"image","data":"QUJD","mimeType":"image/png"}]}""",
            "s__fails" => """{"content":[{"type":"text","text":"no such file"}],"isError":true}""",
            _ => """{"content":[]}""",
        });
        var (text, isError) = await RunAsync(fake, """
            def failing():
                try:
                    s.fails()
                except Exception as e:
                    return str(e)
            return [s.json()["a"][1], s.text(), s.many(), s.image()["mimeType"], failing(), s.empty()]
            """);
        Assert.False(isError, text);
        Assert.Equal("""[2,"{not json",[[1],"b"],"image/png","s.fails: no such file",null]""", text);
    }

    [Fact]
    public void A_long_list_gives_way_to_the_search_and_the_search_has_an_address_of_its_own()
    {
        var fake = new FakeTools();
        for (var i = 0; i < 11; i++)
        {
            fake.Add("s", $"t{i}");
        }

        var tools = Tools(fake);
        var all = fake.Tools.Select(static t => new Catalogue.ListedTool(t.PublicName, t)).ToList();
        Assert.Equal(11, tools.Shown(Caller, HubScope.Server("s"), all).Count);
        Assert.Equal(10, tools.Shown(Caller, HubScope.All, all.GetRange(0, 10)).Count);
        Assert.Equal(["gateway__call_tool", "gateway__describe_tools", "gateway__find_tools", "gateway__run_program"], tools.Shown(Caller, HubScope.All, all).Select(static t => t.Name));
        Assert.Equal(["call_tool", "describe_tools", "find_tools", "run_program"], tools.Shown(Caller, HubScope.Server("gateway"), []).Select(static t => t.Name));
        Assert.True(tools.Has(Caller, HubScope.Server("gateway"), "find_tools") && tools.Has(Caller, HubScope.All, "gateway__find_tools"));
        Assert.False(tools.Has(Caller, HubScope.Server("s"), "find_tools") || tools.Has(Caller, HubScope.All, "find_tools") || tools.Has(Caller, HubScope.Server("s"), "gateway__find_tools"));
    }

    [Theory]
    [InlineData("find_tools", "{}")]
    [InlineData("describe_tools", """{"names":"x"}""")]
    [InlineData("call_tool", """{"name":7}""")]
    [InlineData("run_program", """{"program":"\ud800"}""")]
    public async Task Wrong_arguments_are_answered_with_what_is_missing(string name, string arguments)
    {
        var (text, isError) = await TextAsync(Tools(new FakeTools()), name, arguments);
        Assert.True(isError);
        Assert.StartsWith("Give ", text, StringComparison.Ordinal);
    }

    private static GatewayTools Tools(FakeTools fake, IToolPrices? prices = null, ProgramLimits? limits = null) => new(
        () => fake, () => fake, new ToolSearch(new ToolIndex(null, NullLogger<ToolIndex>.Instance), TimeProvider.System), new ProgramRunner(TimeProvider.System), prices ?? new NoPrices(),
        new MetaToolOptions { ListedAtMost = 10, Program = limits ?? new ProgramLimits() });

    private static async Task<(string Text, bool IsError)> RunAsync(FakeTools fake, string program, ProgramLimits? limits = null) =>
        await TextAsync(Tools(fake, limits: limits), "run_program", $$"""{"program":{{Quoted(program)}}}""");

    private static async Task<(string Text, bool IsError)> TextAsync(GatewayTools tools, string name, string arguments)
    {
        var reply = await tools.CallAsync(Caller, HubScope.All, "gateway__" + name, Parameters(arguments), NoPeer.Instance, TestContext.Current.CancellationToken);
        Assert.True(reply.IsResult);
        var result = JsonElement.Parse(reply.Json.Span);
        return (result.GetProperty("content")[0].GetProperty("text").GetString()!, result.TryGetProperty("isError", out var failed) && failed.GetBoolean());
    }

    private static byte[] Parameters(string arguments) => Encoding.UTF8.GetBytes($$"""{"name":"x","arguments":{{arguments}}}""");

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private sealed class FixedPrice(long price) : IToolPrices
    {
        public long Of(string server, string tool) => price;
    }
}
