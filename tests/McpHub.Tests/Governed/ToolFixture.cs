using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>An MCP server over streamable HTTP with any tools, each of which answers with what it was called with.</summary>
internal sealed class ToolFixture : HttpFixture
{
    /// <summary>Descriptions by name.</summary>
    public ConcurrentDictionary<string, string> Tools { get; } = new(StringComparer.Ordinal);

    /// <summary>What a tool says instead.</summary>
    public ConcurrentDictionary<string, string> Says { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls that arrived, with their arguments.</summary>
    public ConcurrentQueue<(string Tool, string Arguments)> Calls { get; } = [];

    /// <summary>The definition of a tool.</summary>
    public JsonObject Definition(string name) => new()
    {
        ["name"] = name, ["description"] = Tools[name], ["inputSchema"] = new JsonObject { ["type"] = "object" },
    };

    protected override Task<(int Status, byte[]? Body)> AnswerAsync(HttpRequest request, string body)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return Task.FromResult<(int, byte[]?)>((405, null));
        }

        var message = JsonNode.Parse(body)!.AsObject();
        if (message["id"] is not { } id)
        {
            return Task.FromResult<(int, byte[]?)>((202, null));
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

        return Task.FromResult<(int, byte[]?)>((200, Encoding.UTF8.GetBytes(answer.ToJsonString())));
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
