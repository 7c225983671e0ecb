using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.McpHub.Tests.Support;

/// <summary>A server that answers as the test says, and keeps what it was asked.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private StubServer(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    public string Url => Address + "/mcp";

    /// <summary>What was asked, in order: <c>GET</c>, or the method of the message.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public int Count(string what) => Asked.Count(a => a == what);

    /// <param name="answer">Gets the message of a POST, else null.</param>
    public static async Task<StubServer> StartAsync(Func<HttpContext, JsonObject?, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new StubServer(app);
        app.Run(async http =>
        {
            JsonObject? message = null;
            if (HttpMethods.IsPost(http.Request.Method) && http.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true)
            {
                message = (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!.AsObject();
            }

            server.Asked.Enqueue((string?)message?["method"] ?? (message is null ? http.Request.Method : "answer"));
            await answer(http, message);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>Answers a request with JSON.</summary>
    public static Task ResultAsync(HttpContext http, JsonObject message, string result)
        => JsonAsync(http, $$"""{"jsonrpc":"2.0","id":{{message["id"]?.ToJsonString() ?? "null"}},"result":{{result}}}""");

    public static Task JsonAsync(HttpContext http, string json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json, http.RequestAborted);
    }

    /// <summary>A stream of events that ends at once.</summary>
    public static Task EventsAsync(HttpContext http, string events)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        return http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(events), http.RequestAborted).AsTask();
    }

    /// <summary>What <c>initialize</c> is answered by a server with sessions.</summary>
    public static Task InitializeAsync(HttpContext http, JsonObject message, string capabilities = """{"tools":{}}""")
    {
        http.Response.Headers["mcp-session-id"] = "s1";
        return ResultAsync(http, message, $$$"""{"protocolVersion":"2025-11-25","capabilities":{{{capabilities}}},"serverInfo":{"name":"stub","version":"1"}}""");
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}
