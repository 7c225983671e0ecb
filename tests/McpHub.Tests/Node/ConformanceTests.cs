using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;
using Gateway.Tests;

namespace Gateway.McpHub.Tests.Node;

/// <summary>
/// The protocol's own conformance suite: a server alone and the same through the hub, of which the hub may lose no check; and the client scenarios, in which the hub is the client.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2025-11-25", 60)]
    [InlineData("2026-07-28", 100)]
    public async Task A_server_keeps_every_check_through_the_hub(string revision, int least)
    {
        var node = await NodeTools.NodeAsync();
        var (fixture, url) = await NodeTools.StartAsync(node, Path.Combine(NodeTools.Scripts, "fixture.mjs"));
        await using var alive = fixture;
        await using var hub = await HubFixture.StartAsync($$"""{"id":"fixture","url":"{{url}}","callUnlisted":true}""");
        var (front, address) = await NodeTools.StartAsync(node, Path.Combine(NodeTools.Scripts, "front.mjs"), ("FRONT_TO", hub.Service.Client.BaseAddress!.ToString()), ("MCP_HUB_TOKEN", ServiceProcess.Token));
        await using var standing = front;

        var alone = await ServerAsync(node, revision, url);
        var through = await ServerAsync(node, revision, address + "/mcp/fixture");

        // Only scored scenarios decide the exit code.
        Assert.True(alone.Exit == 0, alone.Output);
        Assert.True(through.Exit == 0, through.Output);
        var lost = alone.Checks.Where(c => c.Value == "SUCCESS" && through.Checks.GetValueOrDefault(c.Key) != "SUCCESS").Select(c => $"{c.Key}: {through.Checks.GetValueOrDefault(c.Key, "absent")}")
            .Concat(through.Checks.Where(c => c.Value == "FAILURE" && alone.Checks.GetValueOrDefault(c.Key) != "FAILURE").Select(c => $"{c.Key}: FAILURE")).Distinct().ToList();
        Assert.True(lost.Count == 0, $"The hub loses:\n{string.Join('\n', lost)}\n{through.Output}");
        Assert.InRange(alone.Checks.Values.Count(static s => s == "SUCCESS"), least, 1000);
        TestContext.Current.SendDiagnosticMessage($"{revision}: {Passed(alone)} checks passed alone, {Passed(through)} through the hub");
    }

    [Theory]
    [InlineData("2025-11-25", 100)]
    [InlineData("2026-07-28", 300)]
    public async Task The_hub_passes_as_a_client(string revision, int least)
    {
        var node = await NodeTools.NodeAsync();
        await using var hub = await HubFixture.StartAsync("", ("McpHub:ClientMetadataUrl", "https://conformance-test.local/client-metadata.json"));
        var folder = Directory.CreateTempSubdirectory("conformance").FullName;
        try
        {
            var (exit, output) = await NodeTools.RunAsync(
                node,
                [Suite, "client", "--command", $"{node} {Path.Combine(NodeTools.Scripts, "driver.mjs")}", "--requirements", revision, "--timeout", "120000", "--verbose", "-o", folder],
                Limit,
                ("MCP_HUB", hub.Service.Client.BaseAddress!.ToString().TrimEnd('/')), ("MCP_HUB_FILE", Path.Combine(hub.Folder, "hub.json")), ("MCP_HUB_TOKEN", ServiceProcess.Token));
            var passed = Checks(folder).Values.Count(static s => s == "SUCCESS");

            Assert.True(exit == 0, Tail(output));
            Assert.InRange(passed, least, 5000);
            TestContext.Current.SendDiagnosticMessage($"{revision}: {passed} checks passed as a client");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Suite => NodeTools.Script("@modelcontextprotocol/conformance/dist/index.js");

    private static int Passed((int Exit, string Output, Dictionary<string, string> Checks) run) => run.Checks.Values.Count(static s => s == "SUCCESS");

    private static async Task<(int Exit, string Output, Dictionary<string, string> Checks)> ServerAsync(string node, string revision, string url)
    {
        var folder = Directory.CreateTempSubdirectory("conformance").FullName;
        try
        {
            var (exit, output) = await NodeTools.RunAsync(node, [Suite, "server", "--url", url, "--requirements", revision, "-o", folder], Limit);
            return (exit, Tail(output), Checks(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The worst that was said of each check of each scenario: an id may come more than once.
    private static Dictionary<string, string> Checks(string folder)
    {
        string[] order = ["FAILURE", "WARNING", "SUCCESS", "INFO", "SKIPPED"];
        Dictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "checks.json", SearchOption.AllDirectories))
        {
            // The name of the folder ends with a time.
            var scenario = Path.GetRelativePath(folder, Path.GetDirectoryName(file)!);
            scenario = scenario[..^"-2026-01-01T00-00-00-000Z".Length];
            foreach (var check in JsonNode.Parse(File.ReadAllText(file))!.AsArray())
            {
                var (key, status) = ($"{scenario} {check!["id"]}", (string)check["status"]!);
                if (!all.TryGetValue(key, out var before) || Array.IndexOf(order, status) < Array.IndexOf(order, before))
                {
                    all[key] = status;
                }
            }
        }

        return all;
    }

    private static string Tail(string output) => output.Length <= 6000 ? output : output[^6000..];
}
