using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Mcp;
using Gateway.Mcp.Pins;
using Gateway.McpHub.Tests.Governed;
using Gateway.Tests;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Gateway.Edge.Tests.Tools.RealHub;

/// <summary>A hub beside an edge that runs alone: it is given the file's sections by the edge, follows them, and tells the edge of its calls.</summary>
public sealed class AloneHubTests : IAsyncLifetime
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), "gateway-alone-" + Guid.NewGuid().ToString("n"));
    private readonly ToolFixture tools = new();
    private EdgeHost edge = null!;
    private ServiceProcess hub = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await tools.StartAsync();
        foreach (var name in (string[])["read", "write", "web"])
        {
            tools.Tools[name] = $"The tool {name}.";
        }

        var address = ServiceProcess.FreeAddress();
        edge = await EdgeHost.StartAsync(Yaml("read", "write"), Directory.CreateDirectory(Path.Combine(folder, "edge")).FullName, settings: new Dictionary<string, string?> { ["services:mcphub:http:0"] = address.ToString(), [WireNames.InternalTokenKey] = ServiceProcess.Token });
        hub = await ServiceProcess.StartAtAsync(address, "Gateway.McpHub", ("services:governance:http:0", edge.Address.ToString()), (WireNames.DataDirectoryKey, Path.Combine(folder, "hub")));
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await edge.DisposeAsync();
        await tools.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_file_decides_what_the_hub_has_and_a_change_is_in_force_without_a_restart()
    {
        await using var client = await ConnectAsync("/mcp", EdgeHost.Key);
        await Eventually.TrueAsync(async () => (await NamesAsync(client)).SequenceEqual(["s__read", "s__write"]), "The approved tools were never listed.");
        Assert.Equal("""{"a":1}""", await CallAsync(client, "s__read"));
        Assert.Equal("Bearer secret-of-the-server", tools.Authorization);
        Assert.Contains("policy 'p'", await CallAsync(client, "s__write", "forbidden"), StringComparison.Ordinal);
        Assert.Equal("""{"a":"x"}""", await CallAsync(client, "s__write", "x"));
        await using (var bundle = await ConnectAsync("/mcp/some", EdgeHost.Key))
        {
            Assert.Equal(["s__read"], await NamesAsync(bundle));
        }

        await using (var narrow = await ConnectAsync("/mcp", EdgeHost.Key + "2"))
        {
            Assert.Equal(["s__write"], await NamesAsync(narrow));
        }

        // Somebody approved another tool, and a file with an error changes nothing.
        await File.WriteAllTextAsync(edge.ConfigFile, Yaml("read", "web"), Cancel);
        await Eventually.TrueAsync(async () => (await NamesAsync(client)).SequenceEqual(["s__read", "s__web"]), "The change never came into force.");
        await File.WriteAllTextAsync(edge.ConfigFile, Yaml("read").Replace("trust: review", "trust: everybody", StringComparison.Ordinal), Cancel);
        Assert.Equal("""{"a":1}""", await CallAsync(client, "s__web"));

        // The edge has the rows of the calls, and charged them.
        var file = Path.Combine(folder, "edge", WireNames.Edge, "mcp-calls.jsonl");
        IReadOnlyList<McpCallRecord> rows = [];
        await Eventually.TrueAsync(
            async () => File.Exists(file) && (rows = [.. (await File.ReadAllLinesAsync(file, Cancel)).Select(static l => JsonSerializer.Deserialize(l, ContractsJson.Default.McpCallRecord)!)]).Count == 4,
            "The calls never came.");
        Assert.Equal(["Done read 2000000", "Done web 0", "Done write 0", "Refused write 0"], rows.Select(static r => $"{r.Outcome} {r.Tool} {r.PriceNanoUsd}").Order(StringComparer.Ordinal));
        Assert.Equal(2_000_000, (await edge.RecordsAsync(4)).Sum(static r => r.CostNanoUsd));
    }

    [Fact]
    public async Task Only_a_service_is_told_the_configuration_and_it_has_neither_keys_nor_secrets_of_providers()
    {
        using var anybody = new HttpClient { BaseAddress = edge.Address };
        foreach (var path in (string[])["/internal/snapshot?after=0&waitSeconds=0", "/internal/mcp/calls", "/internal/mcp/tools"])
        {
            using var refused = path.Contains("snapshot", StringComparison.Ordinal) ? await anybody.GetAsync(new Uri(path, UriKind.Relative), Cancel) : await anybody.PostAsync(new Uri(path, UriKind.Relative), new StringContent("{}"), Cancel);
            Assert.Equal(401, (int)refused.StatusCode);
        }

        anybody.DefaultRequestHeaders.Add(WireNames.InternalTokenHeader, ServiceProcess.Token);
        var told = await anybody.GetStringAsync(new Uri("/internal/snapshot?after=0&waitSeconds=0", UriKind.Relative), Cancel);
        Assert.Contains("secret-of-the-server", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-of-the-provider", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(EdgeHost.Key))), told, StringComparison.Ordinal);
        var version = JsonElement.Parse(told).GetProperty("version").GetInt64();
        using var nothing = await anybody.GetAsync(new Uri($"/internal/snapshot?after={version}&waitSeconds=0", UriKind.Relative), Cancel);
        Assert.Equal(204, (int)nothing.StatusCode);
        using var malformed = await anybody.PostAsync(new Uri("/internal/mcp/calls", UriKind.Relative), new StringContent("{", System.Text.Encoding.UTF8, "application/json"), Cancel);
        Assert.Equal(400, (int)malformed.StatusCode);
    }

    private string Yaml(params string[] approved)
    {
        var server = new McpServerEntry { Id = "s", Url = tools.Address };
        var prints = string.Join(", ", approved.Select(n => $"{n}: {ToolFingerprint.Of(server, JsonElement.Parse(tools.Definition(n).ToJsonString()))}"));
        return $$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { openai: { apiKey: sk-of-the-provider-0123456789, models: [] } }
            keys:
              main: { value: {{EdgeHost.Key}} }
              narrow: { value: {{EdgeHost.Key}}2, mcpTools: [s/write] }
            mcpServers:
              s:
                url: {{tools.Address}}
                auth: { secret: secret-of-the-server }
                trust: review
                approved: { {{prints}} }
                tools: [ { tool: read, priceUsd: 0.002 } ]
            mcpBundles:
              some: { tools: [s/read] }
            mcpPolicies:
              p: { deny: [ { tools: [s/write], arguments: [ { path: a, values: [forbidden] } ] } ] }
            """;
    }

    private Task<McpClient> ConnectAsync(string path, string key) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(edge.Address, path),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + key },
        }),
        cancellationToken: Cancel);

    private static async Task<IReadOnlyList<string>> NamesAsync(McpClient client) => [.. (await client.ListToolsAsync(cancellationToken: Cancel)).Select(static t => t.Name).Order(StringComparer.Ordinal)];

    private static async Task<string> CallAsync(McpClient client, string tool, object? argument = null)
    {
        try
        {
            return Assert.IsType<TextContentBlock>(Assert.Single((await client.CallToolAsync(tool, new Dictionary<string, object?> { ["a"] = argument ?? 1 }, cancellationToken: Cancel)).Content)).Text;
        }
        catch (McpException refused)
        {
            return refused.Message;
        }
    }
}
