using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;

namespace Gateway.McpHub.Tests;

/// <summary>Programs that the hub runs.</summary>
public sealed class StdioTests
{
    // A server in the shell's own language, so that nothing has to be installed.
    private const string Server = """
        sleep 1000 &
        echo "a line that is no message"
        echo "started" >&2
        while IFS= read -r line; do
          id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\),.*/\1/p')
          case "$line" in
            *'"method":"server/discover"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id" ;;
            *'"method":"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}}\n' "$id" ;;
            *'"method":"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"look","inputSchema":{"type":"object"}},{"name":"crash","inputSchema":{"type":"object"}},{"name":"flood","inputSchema":{"type":"object"}},{"name":"wrong","inputSchema":{"type":"object"}}]}}\n' "$id" ;;
            *'"name":"look"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[],"pid":%s,"own":"%s","secret":"%s","passed":"%s","folder":"%s","data":"%s"}}\n' "$id" "$$" "$OWN" "$Gateway__InternalToken" "$PASSED" "$PWD" "$(ulimit -d)" ;;
            *'"name":"crash"'*) exit 3 ;;
            *'"name":"wrong"'*) printf '{"jsonrpc":"2.0","id":424242,"result":{"content":[]}}\n' ;;
            *'"name":"flood"'*) printf '{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":"'; head -c 3000000 /dev/zero | tr '\0' x; printf '"}]},"id":%s}\n' "$id" ;;
            *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"result":{}}\n' "$id" ;;
          esac
        done
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_has_its_own_group_folder_variables_and_limits_and_comes_back_after_a_crash()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The fixture is a shell script.");
        await using var hub = await HubFixture.StartAsync(
            $$$"""{"id":"sh","transport":"stdio","timeout":"00:00:02","maxResponseBytes":1000000,"stdio":{"command":"/bin/sh","arguments":["-c",{{{JsonSerializer.Serialize(Server)}}}],"environment":{"OWN":"mine"},"passedOn":["PASSED"],"maxMemoryBytes":536870912}}""",
            ("PASSED", "on"));
        var session = await hub.BeginAsync("/mcp");

        var look = await CallAsync("look");
        var process = (int)look["result"]!["pid"]!;
        Assert.Equal("mine", (string?)look["result"]!["own"]);
        Assert.Equal("", (string?)look["result"]!["secret"]);
        Assert.Equal("on", (string?)look["result"]!["passed"]);
        Assert.EndsWith("/mcphub/stdio/sh", (string?)look["result"]!["folder"], StringComparison.Ordinal);
        Assert.Equal("524288", (string?)look["result"]!["data"]);
        Assert.Equal(process, int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(' ')[4], System.Globalization.CultureInfo.InvariantCulture));

        var flood = await CallAsync("flood");
        Assert.Equal("TooLarge", (string?)flood["error"]!["data"]!["fault"]);
        Assert.Equal("TimedOut", (string?)(await CallAsync("wrong"))["error"]!["data"]!["fault"]);
        Assert.Equal(process, (int)(await CallAsync("look"))["result"]!["pid"]!);

        var crash = await CallAsync("crash");
        Assert.Equal("BrokenOff", (string?)crash["error"]!["data"]!["fault"]);
        JsonObject back;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((back = await CallAsync("look"))["result"] is null)
        {
            Assert.False(limit.IsCancellationRequested, "it did not come back");
            await Task.Delay(100, Cancel);
        }

        // What the first one started went with it.
        Assert.NotEqual(process, (int)back["result"]!["pid"]!);
        Assert.False(Directory.EnumerateDirectories("/proc").Any(p => GroupOf(p) == process), "something of the crashed program runs on");
        Assert.Contains("MCP server sh: started", hub.Service.Output, StringComparison.Ordinal);

        Task<JsonObject> CallAsync(string tool) => hub.AskAsync("/mcp", session, "tools/call", $$$"""{"name":"sh__{{{tool}}}"}""");
    }

    [Fact]
    public async Task A_program_that_ends_when_it_is_asked_for_the_newer_generation_is_spoken_with_in_the_older()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The fixture is a shell script.");
        var stern = Server.Replace("printf '{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,\"message\":\"no\"}}\\n' \"$id\"", "exit 1", StringComparison.Ordinal);
        Assert.NotEqual(Server, stern);
        await using var hub = await HubFixture.StartAsync(
            $$$"""{"id":"sh","transport":"stdio","stdio":{"command":"/bin/sh","arguments":["-c",{{{JsonSerializer.Serialize(stern)}}}]}}""");
        var session = await hub.BeginAsync("/mcp");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await hub.AskAsync("/mcp", session, "tools/call", """{"name":"sh__look"}"""))["result"] is null)
        {
            Assert.False(limit.IsCancellationRequested, "it was never spoken with");
            await Task.Delay(100, Cancel);
        }
    }

    private static int GroupOf(string process)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(process, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? 0 : int.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return 0;
        }
    }
}
