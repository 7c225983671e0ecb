using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.McpHub.Tests.Support;
using Gateway.Tests;

namespace Gateway.McpHub.Tests.Node;

/// <summary>Servers that people use, over stdio, and clients that people use, both from npm, with the hub between them.</summary>
public sealed class NpmTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Servers_and_clients_of_npm_work_through_the_hub()
    {
        var node = await NodeTools.NodeAsync();
        var folder = Directory.CreateTempSubdirectory("npm").FullName;
        try
        {
            await using var hub = await HubFixture.StartAsync(string.Join(
                ',',
                Entry(node, "everything", "server-everything"),
                Entry(node, "files", "server-filesystem", [folder]),
                Entry(node, "memory", "server-memory", variables: ("MEMORY_FILE_PATH", Path.Combine(folder, "memory.jsonl"))),
                Entry(node, "thinking", "server-sequential-thinking")));
            await ServersAsync(hub, folder);
            await ClientsAsync(hub, node);
            await InspectorAsync(hub, node);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Entry(string node, string id, string package, string[]? arguments = null, (string Name, string Value)? variables = null) => new JsonObject
    {
        ["id"] = id,
        ["transport"] = "stdio",
        ["stdio"] = new JsonObject
        {
            ["command"] = node,
            ["arguments"] = new JsonArray([NodeTools.Script($"@modelcontextprotocol/{package}/dist/index.js"), .. (arguments ?? []).Select(a => JsonValue.Create(a))]),
            ["environment"] = variables is { } variable ? new JsonObject { [variable.Name] = variable.Value } : [],
        },
    }.ToJsonString();

    private static async Task ServersAsync(HubFixture hub, string folder)
    {
        var session = await hub.BeginAsync("/mcp");
        await UntilAsync(async () => (await hub.AskAsync("/mcp", session, "tools/list"))["result"]!["tools"]!.AsArray().Select(t => ((string)t!["name"]!).Split("__")[0]).Distinct().Count() == 4);

        Assert.Contains("hello", await TextAsync("everything__echo", """{"message":"hello"}"""), StringComparison.Ordinal);
        await TextAsync("files__write_file", $$"""{"path":{{JsonSerializer.Serialize(Path.Combine(folder, "note.txt"))}},"content":"written through the hub"}""");
        Assert.Equal("written through the hub", await File.ReadAllTextAsync(Path.Combine(folder, "note.txt"), Cancel));
        Assert.Contains("written through the hub", await TextAsync("files__read_text_file", $$"""{"path":{{JsonSerializer.Serialize(Path.Combine(folder, "note.txt"))}}}"""), StringComparison.Ordinal);
        await TextAsync("memory__create_entities", """{"entities":[{"name":"Ada","entityType":"person","observations":["counts"]}]}""");
        Assert.Contains("Ada", await TextAsync("memory__search_nodes", """{"query":"counts"}"""), StringComparison.Ordinal);
        Assert.Contains("thoughtNumber", await TextAsync("thinking__sequentialthinking", """{"thought":"first","nextThoughtNeeded":false,"thoughtNumber":1,"totalThoughts":1}"""), StringComparison.Ordinal);

        // A file outside of what the server allows is the server's own refusal, passed on whole.
        var refused = await hub.AskAsync("/mcp", session, "tools/call", """{"name":"files__read_text_file","arguments":{"path":"/etc/hostname"}}""");
        Assert.True((bool?)refused["result"]?["isError"], refused.ToJsonString());

        async Task<string> TextAsync(string tool, string arguments)
        {
            var reply = await hub.AskAsync("/mcp", session, "tools/call", $$"""{"name":"{{tool}}","arguments":{{arguments}}}""");
            Assert.True(reply["result"] is { } result && (bool?)result["isError"] != true, reply.ToJsonString());
            return (string)reply["result"]!["content"]![0]!["text"]!;
        }
    }

    private static async Task ClientsAsync(HubFixture hub, string node)
    {
        var (exit, output) = await NodeTools.RunAsync(node, [Path.Combine(NodeTools.Folder, "clients.mjs"), Address(hub), ServiceProcess.Token], TimeSpan.FromMinutes(2));
        Assert.True(exit == 0, output);
        foreach (var client in (string[])["sdk", "sdk sse", "client", "client 2026-07-28"])
        {
            // What comes last before the answer, in one piece with it, the older SDK gives to nobody.
            var expected = $$$"""\{"client":"{{{client}}}","server":"gateway","servers":\["everything","files","memory","thinking"\],"echo":"Echo: hello","kinds":\["image","text"\],"progress":[34],"prompts":true,"read":true,"unknown":true\}""";
            Assert.True(Regex.IsMatch(output, expected), output);
        }
    }

    private static async Task InspectorAsync(HubFixture hub, string node)
    {
        // Published by itself it lacks the file in which it looks up its own name.
        await File.WriteAllTextAsync(NodeTools.Script("@modelcontextprotocol/package.json"), """{"name":"inspector","version":"1.0.3"}""", Cancel);
        string[] common = [NodeTools.Script("@modelcontextprotocol/inspector-cli/build/index.js"), Address(hub) + "/mcp", "--transport", "http", "--header", $"x-gateway-internal-token: {ServiceProcess.Token}"];
        var (listed, list) = await NodeTools.RunAsync(node, [.. common, "--method", "tools/list"], TimeSpan.FromMinutes(1));
        Assert.True(listed == 0 && list.Contains("memory__create_entities", StringComparison.Ordinal), list);
        var (called, call) = await NodeTools.RunAsync(node, [.. common, "--method", "tools/call", "--tool-name", "everything__echo", "--tool-arg", "message=inspected"], TimeSpan.FromMinutes(1));
        Assert.True(called == 0 && call.Contains("Echo: inspected", StringComparison.Ordinal), call);
    }

    private static string Address(HubFixture hub) => hub.Service.Client.BaseAddress!.ToString().TrimEnd('/');

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, "The servers never listed their tools.");
            await Task.Delay(100, Cancel);
        }
    }
}
