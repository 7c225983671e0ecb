using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.EndToEnd.Hosting;

/// <summary>An MCP server over streamable HTTP with one tool, whose description can be changed.</summary>
internal sealed class ToolServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private int _calls;

    private ToolServer(string address)
    {
        Address = address;
        _listener.Prefixes.Add(address + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address { get; }

    public string Description { get; set; } = "Says what it was told.";

    /// <summary>Calls of the tool that arrived.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public static ToolServer Start()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new ToolServer($"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}");
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                // The port is somebody else's.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var context = await _listener.GetContextAsync();
            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var response = context.Response;
        if (context.Request.HttpMethod != "POST")
        {
            response.StatusCode = 405;
            return;
        }

        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var message = JsonNode.Parse(await reader.ReadToEndAsync())!.AsObject();
        if (message["id"] is not { } id)
        {
            response.StatusCode = 202;
            return;
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        if (Result((string)message["method"]!, message["params"]) is { } result)
        {
            answer["result"] = result;
        }
        else
        {
            answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = "Unknown method." };
        }

        var bytes = Encoding.UTF8.GetBytes(answer.ToJsonString());
        response.ContentType = "application/json";
        await response.OutputStream.WriteAsync(bytes);
    }

    private JsonObject? Result(string method, JsonNode? parameters)
    {
        switch (method)
        {
            case "initialize":
                return new JsonObject
                {
                    ["protocolVersion"] = "2025-06-18",
                    ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
                    ["serverInfo"] = new JsonObject { ["name"] = "fixture", ["version"] = "1" },
                };
            case "tools/list":
                return new JsonObject
                {
                    ["tools"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "echo", ["description"] = Description,
                        ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["text"] = new JsonObject { ["type"] = "string" } } },
                    }),
                };
            case "tools/call":
                Interlocked.Increment(ref _calls);
                return new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "You said: " + (string?)parameters?["arguments"]?["text"] }) };
            case "ping":
                return [];
            default:
                return null;
        }
    }
}
