using Microsoft.Extensions.Primitives;

namespace Gateway.Edge.Realtime;

/// <summary>The subprotocols of a realtime connection. Browsers cannot set headers, so that OpenAI's clients put the key among them.</summary>
internal static class RealtimeProtocols
{
    private const string Header = "Sec-WebSocket-Protocol";
    private const string KeyPrefix = "openai-insecure-api-key.";
    private const string Main = "realtime";

    /// <summary>Puts a key that stands among the subprotocols where every other key stands, unless there is one.</summary>
    public static void TakeKey(HttpRequest request)
    {
        if (StringValues.IsNullOrEmpty(request.Headers.Authorization) && !request.Headers.ContainsKey("api-key") && !request.Headers.ContainsKey("x-api-key")
            && Names(request.Headers[Header]).FirstOrDefault(static p => p.StartsWith(KeyPrefix, StringComparison.Ordinal)) is { } named)
        {
            request.Headers.Authorization = "Bearer " + named[KeyPrefix.Length..];
        }
    }

    /// <summary>Those that the provider is asked for: without keys, organisations and projects, which are the gateway's own.</summary>
    public static IEnumerable<string> PassedOn(WebSocketManager sockets) => sockets.WebSocketRequestedProtocols.Where(static p =>
        !p.StartsWith(KeyPrefix, StringComparison.Ordinal)
        && !p.StartsWith("openai-organization.", StringComparison.Ordinal)
        && !p.StartsWith("openai-project.", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);

    /// <summary>The one that is agreed on where the provider names none: browsers break off when they asked and nothing is agreed on.</summary>
    public static string? Answer(WebSocketManager sockets) => sockets.WebSocketRequestedProtocols.Contains(Main) ? Main : null;

    private static IEnumerable<string> Names(StringValues header) => header.SelectMany(static h => h?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []);
}
