using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Tests;

namespace Gateway.McpHub.Tests.Support;

/// <summary>A hub as it ships, with the servers that a test registers.</summary>
internal sealed class HubFixture : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("hub").FullName;
    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ServiceProcess Service => service;

    public string Folder => folder;

    public static async Task<HubFixture> StartAsync(string servers, params (string, string)[] settings)
    {
        var hub = new HubFixture();
        hub.Register(servers);
        hub.service = await ServiceProcess.StartAsync("Gateway.McpHub", [("McpHub:File", Path.Combine(hub.folder, "hub.json")), ("Gateway:DataDirectory", Path.Combine(hub.folder, "data")), .. settings]);
        return hub;
    }

    public void Register(string servers)
    {
        File.WriteAllText(Path.Combine(folder, "hub.json.new"), $$"""{"servers":[{{servers}}],"bundles":[{"id":"few","tools":["fix/echo","fix/c*"]}]}""");
        File.Move(Path.Combine(folder, "hub.json.new"), Path.Combine(folder, "hub.json"), overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A session; its id.</summary>
    public async Task<string> BeginAsync(string path, string capabilities = "{}", string caller = "key-1")
    {
        using var response = await PostAsync(
            path, $$$$"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{{{{capabilities}}}},"clientInfo":{"name":"t","version":"1"}}}""", null, caller);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    /// <summary>The answer to a request in a session.</summary>
    public async Task<JsonObject> AskAsync(string path, string session, string method, string parameters = "{}", Func<JsonObject, Task>? other = null, string caller = "key-1")
    {
        using var response = await PostAsync(path, $$"""{"jsonrpc":"2.0","id":"q","method":"{{method}}","params":{{parameters}}}""", session, caller);
        return await AnswerAsync(response, other);
    }

    /// <summary>The answer to a request without a session.</summary>
    public async Task<JsonObject> StatelessAsync(string path, string method, string parameters = "{}", string capabilities = "{}", Func<JsonObject, Task>? other = null, string caller = "key-1")
    {
        var body = JsonNode.Parse(parameters)!.AsObject();
        var meta = body["_meta"] as JsonObject ?? [];
        meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
        meta["io.modelcontextprotocol/clientCapabilities"] = JsonNode.Parse(capabilities);
        body["_meta"] = meta;
        using var request = Request(path, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = "q", ["method"] = method, ["params"] = body }.ToJsonString(), caller);
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", method);
        if ((body["name"] ?? body["uri"]) is { } name)
        {
            request.Headers.Add("Mcp-Name", name.ToString());
        }

        if (body["arguments"]?["region"] is { } region)
        {
            request.Headers.Add("Mcp-Param-Region", region.ToString());
        }

        using var response = await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return await AnswerAsync(response, other);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, string? session, string caller = "key-1", CancellationToken cancellation = default)
    {
        var request = Request(path, body, caller);
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
            request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        }

        return service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation == default ? Cancel : cancellation);
    }

    public async Task<JsonObject> AnswerAsync(HttpResponseMessage response, Func<JsonObject, Task>? other = null)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return JsonNode.Parse(await reader.ReadToEndAsync(Cancel))!.AsObject();
        }

        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
            {
                continue;
            }

            var message = JsonNode.Parse(line[6..])!.AsObject();
            if (message["method"] is null)
            {
                return message;
            }

            if (other is not null)
            {
                await other(message);
            }
        }

        return [];
    }

    private static HttpRequestMessage Request(string path, string body, string caller)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.Add("x-gateway-caller", caller);
        return request;
    }
}
