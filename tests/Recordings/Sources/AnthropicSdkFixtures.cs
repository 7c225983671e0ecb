using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.Recordings.Sources;

/// <summary>anthropic-sdk: SSE texts, and JSON lists of whole interactions.</summary>
internal static class AnthropicSdkFixtures
{
    public static IEnumerable<Recording> Read(string path, byte[] bytes)
    {
        if (!path.EndsWith(".json", StringComparison.Ordinal))
        {
            // The client's tests frame the last event themselves.
            var text = Encoding.UTF8.GetString(bytes).TrimEnd('\n') + "\n\n";
            yield return Make(path + "#0", Encoding.UTF8.GetBytes(text), "text/event-stream", 200);
            yield break;
        }

        using var document = JsonDocument.Parse(bytes);
        var number = 0;
        foreach (var exchange in document.RootElement.EnumerateArray())
        {
            var request = exchange.GetProperty("request");
            var response = exchange.GetProperty("response");
            var url = new Uri(request.GetProperty("url").GetString()!);
            var body = Body(response);
            yield return Make(path + "#" + number++.ToString(CultureInfo.InvariantCulture), body, response.GetProperty("headers").GetProperty("content-type").GetString()!, response.GetProperty("status_code").GetInt32()) with
            {
                Request = new RecordedRequest(request.GetProperty("method").GetString()!, url.PathAndQuery, "application/json", Body(request)) { Host = url.Host },
            };
        }
    }

    private static byte[] Body(JsonElement message) => !message.TryGetProperty("body", out var body) ? []
        : Encoding.UTF8.GetBytes(body.ValueKind == JsonValueKind.String ? body.GetString()! : body.ValueKind == JsonValueKind.Array ? string.Concat(body.EnumerateArray().Select(l => l.GetString())) : body.GetRawText());

    private static Recording Make(string id, byte[] body, string type, int status)
        => new() { Id = id, Source = "anthropic-sdk", Provider = "anthropic", Operation = Operation.Messages, ResponseBody = body, ResponseContentType = type, Status = status };
}
