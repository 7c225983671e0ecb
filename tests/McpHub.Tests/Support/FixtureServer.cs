using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.McpHub.Tests.Support;

/// <summary>An MCP server whose tools misbehave on demand; speaks both generations of the protocol over streamable HTTP.</summary>
internal sealed class FixtureServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonNode>> asked = new();
    private readonly CancellationTokenSource stopped = new();
    private readonly ConcurrentDictionary<HttpContext, bool> streams = new();

    private FixtureServer(WebApplication app) => this.app = app;

    public string Url => app.Urls.First() + "/mcp";

    /// <summary>Streams that are held open.</summary>
    public int Streams => streams.Count;

    /// <summary>Sessions that stand.</summary>
    public ConcurrentDictionary<string, bool> Sessions { get; } = new();

    /// <summary>All messages that came, in order.</summary>
    public ConcurrentQueue<JsonObject> Received { get; } = new();

    /// <summary>Headers of the last request by method.</summary>
    public ConcurrentDictionary<string, IHeaderDictionary> Headers { get; } = new();

    /// <summary>Names of its tools.</summary>
    public List<string> Tools { get; set; } = ["echo", "count", "rich", "progress", "ask", "big", "hang", "malformed", "wrongid", "broken", "refused"];

    /// <summary>Whether it knows 2026-07-28.</summary>
    public bool IsStateless { get; init; }

    public int Calls(string tool) => Received.Count(m => (string?)m["method"] == "tools/call" && (string?)m["params"]?["name"] == tool);

    /// <summary>Tells all who hold a stream open that its tools changed.</summary>
    public async Task SayToolsChangedAsync()
    {
        foreach (var stream in streams.Keys)
        {
            await EventAsync(stream, JsonNode.Parse("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""")!);
        }
    }

    /// <param name="isStateless">Whether it knows 2026-07-28.</param>
    /// <param name="address">Where it listens; a free port by default.</param>
    /// <param name="hasStreams">Whether it has a stream for what belongs to no request.</param>
    public static async Task<FixtureServer> StartAsync(bool isStateless = false, string address = "http://127.0.0.1:0", bool hasStreams = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var app = builder.Build();
        var server = new FixtureServer(app) { IsStateless = isStateless };
        app.MapPost("/mcp", server.PostAsync);
        app.MapGet("/mcp", async (HttpContext http) =>
        {
            http.Response.StatusCode = hasStreams ? 200 : 405;
            if (hasStreams)
            {
                http.Response.ContentType = "text/event-stream";
                await http.Response.Body.FlushAsync();
                server.streams[http] = true;
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                server.streams.TryRemove(http, out _);
            }
        });
        app.MapDelete("/mcp", (HttpContext http) => server.Sessions.TryRemove(http.Request.Headers["mcp-session-id"].ToString(), out _));
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await stopped.CancelAsync();
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private static Task WriteAsync(HttpContext http, JsonNode message)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(message.ToJsonString(), http.RequestAborted);
    }

    private static async Task EventAsync(HttpContext http, JsonNode message)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        await http.Response.WriteAsync($"data: {message.ToJsonString()}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static JsonObject Result(JsonNode? id, string result) => new() { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["result"] = JsonNode.Parse(result) };

    private static JsonObject Error(JsonNode? id, int code, string text)
        => new() { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["error"] = new JsonObject { ["code"] = code, ["message"] = text } };

    private async Task PostAsync(HttpContext http)
    {
        var message = (JsonObject)(await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!;
        Received.Enqueue(message);
        var method = (string?)message["method"];
        var id = message["id"];
        Headers[method ?? ""] = new HeaderDictionary(http.Request.Headers.ToDictionary(h => h.Key, h => h.Value, StringComparer.OrdinalIgnoreCase));
        var isStateless = message["params"]?["_meta"]?["io.modelcontextprotocol/protocolVersion"] is not null;
        if (isStateless && !IsStateless)
        {
            http.Response.StatusCode = 400;
            await WriteAsync(http, Error(null, -32000, "No valid session"));
            return;
        }

        var session = http.Request.Headers["mcp-session-id"].ToString();
        if (!isStateless && method != "initialize" && !Sessions.ContainsKey(session))
        {
            http.Response.StatusCode = 404;
            await WriteAsync(http, Error(id, -32001, "Session not found"));
            return;
        }

        switch (method)
        {
            case null:
                if (asked.TryRemove(id!.ToString(), out var waiting))
                {
                    waiting.SetResult(message);
                }

                http.Response.StatusCode = 202;
                break;
            case "initialize" when IsStateless:
                http.Response.StatusCode = 404;
                await WriteAsync(http, Error(id, -32601, "Method not found"));
                break;
            case "initialize":
                var started = Guid.NewGuid().ToString("N");
                Sessions[started] = true;
                http.Response.Headers["mcp-session-id"] = started;
                await WriteAsync(http, Result(id, """{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"resources":{},"prompts":{}},"serverInfo":{"name":"fixture","version":"1"},"instructions":"Be kind."}"""));
                break;
            case "server/discover":
                await WriteAsync(http, Result(id, """{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}"""));
                break;
            case "ping":
                await WriteAsync(http, Result(id, "{}"));
                break;
            case "tools/list":
                await WriteAsync(http, Result(id, $$"""{"tools":[{{string.Join(',', Tools.Select(Definition))}}]}"""));
                break;
            case "resources/list":
                await WriteAsync(http, Result(id, """{"resources":[{"uri":"fix://a","name":"a","x-own":1}]}"""));
                break;
            case "resources/read":
                await WriteAsync(http, Result(id, """{"contents":[{"uri":"fix://a","text":"A"}]}"""));
                break;
            case "prompts/list":
                await WriteAsync(http, Result(id, """{"prompts":[{"name":"greet"}]}"""));
                break;
            case "prompts/get":
                await WriteAsync(http, Result(id, $$$$"""{"messages":[{"role":"user","content":{"type":"text","text":"{{{{message["params"]!["name"]}}}}"}}]}"""));
                break;
            case "tools/call":
                await CallAsync(http, message, isStateless);
                break;
            default:
                http.Response.StatusCode = id is null ? 202 : 200;
                if (id is not null)
                {
                    await WriteAsync(http, Error(id, -32601, "Method not found"));
                }

                break;
        }
    }

    private static string Definition(string tool)
        => $$$"""{"name":"{{{tool}}}","description":"The tool {{{tool}}}","inputSchema":{"type":"object","properties":{"region":{"type":"string"{{{(tool == "count" ? ",\"x-mcp-header\":\"Region\"" : "")}}} } } },"annotations":{"readOnlyHint":{{{(tool == "echo" ? "true" : "false")}}} },"x-unknown":{"kept":[1,2]}}""";

    private async Task CallAsync(HttpContext http, JsonObject message, bool isStateless)
    {
        var id = message["id"];
        var parameters = message["params"]!;
        switch ((string?)parameters["name"])
        {
            case "rich":
                await WriteAsync(http, Result(id, Rich));
                break;
            case "progress":
                var token = parameters["_meta"]?["progressToken"];
                for (var i = 1; i <= 3; i++)
                {
                    await EventAsync(http, new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "notifications/progress", ["params"] = new JsonObject { ["progressToken"] = token?.DeepClone(), ["progress"] = i } });
                }

                await EventAsync(http, Result(id, """{"content":[]}"""));
                break;
            case "ask" when isStateless:
                await WriteAsync(http, parameters["inputResponses"] is { } given
                    ? Result(id, new JsonObject { ["resultType"] = "complete", ["content"] = new JsonArray(), ["said"] = given["who"]?["content"]?["name"]?.DeepClone(), ["state"] = parameters["requestState"]?.DeepClone() }.ToJsonString())
                    : Result(id, """{"resultType":"input_required","requestState":"S1","inputRequests":{"who":{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}}}"""));
                break;
            case "ask":
                var question = Guid.NewGuid().ToString("N");
                var answer = asked[question] = new TaskCompletionSource<JsonNode>();
                await EventAsync(http, JsonNode.Parse("""{"jsonrpc":"2.0","id":"ID","method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}""".Replace("ID", question, StringComparison.Ordinal))!);
                var got = await answer.Task.WaitAsync(http.RequestAborted);
                await EventAsync(http, Result(id, new JsonObject { ["content"] = new JsonArray(), ["said"] = got["result"]?["content"]?["name"]?.DeepClone(), ["error"] = got["error"]?.DeepClone() }.ToJsonString()));
                break;
            case "big":
                await WriteAsync(http, Result(id, JsonSerializer.Serialize(new { content = new[] { new { type = "text", text = new string('x', 10 * 1024 * 1024) } } })));
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopped.Token).Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "malformed":
                http.Response.ContentType = "application/json";
                await http.Response.WriteAsync("""{"jsonrpc":"2.0","id":""", http.RequestAborted);
                break;
            case "wrongid":
                await WriteAsync(http, Result(987_654, """{"content":[]}"""));
                break;
            case "broken":
                http.Response.ContentType = "text/event-stream";
                await http.Response.Body.FlushAsync(http.RequestAborted);
                http.Abort();
                break;
            case "refused":
                http.Response.StatusCode = 500;
                break;
            default:
                await WriteAsync(http, Result(id, new JsonObject { ["content"] = new JsonArray(), ["echo"] = parameters.DeepClone() }.ToJsonString()));
                break;
        }
    }

    /// <summary>A result of all kinds of content, with members that nobody knows.</summary>
    public const string Rich =
        """{"content":[{"type":"text","text":"\u00e4 \ud83d\ude00"},{"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png","x":1},{"type":"audio","data":"UklGRg==","mimeType":"audio/wav"},{"type":"resource","resource":{"uri":"fix://a","blob":"AA==","_meta":{"k":1}}},{"type":"resource_link","uri":"fix://a","name":"a"}],"structuredContent":{"n":1.50,"big":12345678901234567890},"x-own":{"deep":[null,true]},"_meta":{"com.example/k":"v"}}""";
}
