using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>An MCP server over streamable HTTP with any tools, each of which answers with what it was called with.</summary>
internal sealed class ToolFixture : HttpFixture
{
    private int cancelled;

    /// <summary>Descriptions by name.</summary>
    public ConcurrentDictionary<string, string> Tools { get; } = new(StringComparer.Ordinal);

    /// <summary>What a tool says instead.</summary>
    public ConcurrentDictionary<string, string> Says { get; } = new(StringComparer.Ordinal);

    /// <summary>What a call of a tool comes to instead: the members beside <c>jsonrpc</c> and <c>id</c> of the answer, or null for an answer that is none. Ends when the caller is gone.</summary>
    public ConcurrentDictionary<string, Func<JsonNode?, CancellationToken, Task<JsonObject?>>> Acts { get; } = new(StringComparer.Ordinal);

    /// <summary>Schemas of arguments by tool; any object unless said otherwise.</summary>
    public ConcurrentDictionary<string, string> Schemas { get; } = new(StringComparer.Ordinal);

    /// <summary>The last <c>Authorization</c> header that came.</summary>
    public string Authorization { get; private set; } = "";

    /// <summary>How often it was told that a call is cancelled.</summary>
    public int Cancelled => Volatile.Read(ref cancelled);

    /// <summary>Calls that arrived, with their arguments.</summary>
    public ConcurrentQueue<(string Tool, string Arguments)> Calls { get; } = [];

    /// <summary>The definition of a tool.</summary>
    public JsonObject Definition(string name) => new()
    {
        ["name"] = name, ["description"] = Tools[name], ["inputSchema"] = JsonNode.Parse(Schemas.GetValueOrDefault(name, """{"type":"object"}""")),
    };

    protected override async Task<(int Status, byte[]? Body)> AnswerAsync(HttpRequest request, string body)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return (405, null);
        }

        Authorization = request.Headers.Authorization.ToString();
        var message = JsonNode.Parse(body)!.AsObject();
        if (message["id"] is not { } id)
        {
            if ((string?)message["method"] == "notifications/cancelled")
            {
                Interlocked.Increment(ref cancelled);
            }

            return (202, null);
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        if ((string?)message["method"] == "tools/call" && Acts.TryGetValue((string)message["params"]!["name"]!, out var act))
        {
            Calls.Enqueue(((string)message["params"]!["name"]!, message["params"]!["arguments"]?.ToJsonString() ?? "{}"));
            if (await act(message["params"]!["arguments"], request.HttpContext.RequestAborted) is not { } came)
            {
                return (200, "this is no JSON"u8.ToArray());
            }

            foreach (var (name, value) in came)
            {
                answer[name] = value?.DeepClone();
            }
        }
        else if (Result((string)message["method"]!, message["params"]) is { } result)
        {
            answer["result"] = result;
        }
        else
        {
            answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = "Unknown method." };
        }

        return (200, Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    private JsonObject? Result(string method, JsonNode? parameters)
    {
        switch (method)
        {
            case "initialize":
                return new JsonObject
                {
                    ["protocolVersion"] = "2025-06-18", ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
                    ["serverInfo"] = new JsonObject { ["name"] = "fixture", ["version"] = "1" },
                };
            case "tools/list":
                return new JsonObject { ["tools"] = new JsonArray([.. Tools.Keys.Order(StringComparer.Ordinal).Select(Definition)]) };
            case "tools/call":
                var name = (string)parameters!["name"]!;
                var arguments = parameters["arguments"]?.ToJsonString() ?? "{}";
                Calls.Enqueue((name, arguments));
                return new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = Says.GetValueOrDefault(name, arguments) }) };
            case "ping":
                return [];
            default:
                return null;
        }
    }
}
