using System.Text.Json;

namespace Gateway.Mcp.Benchmarks;

/// <summary>An MCP server that does as little as one can.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private EchoServer(WebApplication app) => this.app = app;

    /// <summary>Its address.</summary>
    public string Url => app.Urls.First() + "/mcp";

    /// <summary>Starts it; port 0 is any.</summary>
    public static async Task<EchoServer> StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.MapPost("/mcp", ServeAsync);
        app.MapGet("/mcp", static http =>
        {
            http.Response.StatusCode = 405;
            return Task.CompletedTask;
        });
        app.MapDelete("/mcp", static _ => Task.CompletedTask);
        await app.StartAsync();
        return new EchoServer(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static async Task ServeAsync(HttpContext http)
    {
        using var message = await JsonDocument.ParseAsync(http.Request.Body);
        if (!message.RootElement.TryGetProperty("id", out var id))
        {
            http.Response.StatusCode = 202;
            return;
        }

        var method = message.RootElement.GetProperty("method").GetString();
        if (method == "initialize")
        {
            http.Response.Headers["Mcp-Session-Id"] = Guid.NewGuid().ToString("N");
        }

        var result = method switch
        {
            "initialize" => """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}""",
            "tools/list" => """{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}""",
            "tools/call" => """{"content":[{"type":"text","text":"The quick brown fox jumps over the lazy dog."}]}""",
            "ping" => "{}",
            _ => null,
        };
        http.Response.ContentType = "application/json";
        http.Response.StatusCode = method == "server/discover" ? 400 : 200;
        await http.Response.WriteAsync(result is null
            ? $$$"""{"jsonrpc":"2.0","id":{{{id.GetRawText()}}},"error":{"code":-32601,"message":"Method not found"}}"""
            : $$$"""{"jsonrpc":"2.0","id":{{{id.GetRawText()}}},"result":{{{result}}} }""");
    }
}
