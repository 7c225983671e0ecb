using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.Benchmarks.Traffic;

/// <summary>Calls of tools through the gateway's MCP address, in one session for each key.</summary>
internal sealed class ToolCalls(HttpClient http)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private static readonly string[] Tools = ["desk__find_order", "desk__find_order", "desk__check_stock", "desk__refund_order", "desk__no_such_tool"];

    private readonly ConcurrentDictionary<string, Task<string>> _sessions = [];

    /// <summary>Calls a tool by the number of the request; the status of the answer.</summary>
    public async Task<int> SendAsync(string key, int number, CancellationToken cancellation)
    {
        var session = await _sessions.GetOrAdd(key, k => BeginAsync(k, cancellation)).ConfigureAwait(false);
        var call = new JsonObject { ["name"] = Tools[number % Tools.Length], ["arguments"] = new JsonObject { ["order"] = $"A-{1000 + (number % 3)}", ["article"] = "lamp" } };
        using var answer = await PostAsync(key, session, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = number, ["method"] = "tools/call", ["params"] = call }, cancellation).ConfigureAwait(false);
        _ = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return (int)answer.StatusCode;
    }

    private async Task<string> BeginAsync(string key, CancellationToken cancellation)
    {
        var hello = new JsonObject
        {
            ["protocolVersion"] = "2025-06-18", ["capabilities"] = new JsonObject(), ["clientInfo"] = new JsonObject { ["name"] = "traffic", ["version"] = "1" },
        };
        using var answer = await PostAsync(key, "", new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 0, ["method"] = "initialize", ["params"] = hello }, cancellation).ConfigureAwait(false);
        var session = answer.Headers.TryGetValues(SessionHeader, out var given) ? given.First() : "";
        using var ready = await PostAsync(key, session, new JsonObject { ["jsonrpc"] = "2.0", ["method"] = "notifications/initialized" }, cancellation).ConfigureAwait(false);
        return session;
    }

    private async Task<HttpResponseMessage> PostAsync(string key, string session, JsonObject message, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = JsonContent.Create(message) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (session.Length > 0)
        {
            request.Headers.Add(SessionHeader, session);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
    }
}
