using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.OpenApi;

/// <summary>Makes the result of a call of the API's answer.</summary>
internal static class ApiAnswer
{
    private const int MaxErrorChars = 4000;

    /// <summary>The result.</summary>
    public static JsonObject Result(ApiOperation operation, int status, MediaTypeHeaderValue? type, byte[] body, OpenApiSettings settings)
    {
        if (status is < 200 or >= 300)
        {
            var said = Encoding.UTF8.GetString(body);
            return Of(TextOf($"The API answered with HTTP status {status}. {(said.Length <= MaxErrorChars ? said : said[..MaxErrorChars])}".TrimEnd()), null, isError: true);
        }

        var media = type?.MediaType ?? "";
        if (body.Length == 0)
        {
            return Of(TextOf($"Done (HTTP status {status})."), null, isError: false);
        }

        if (media.StartsWith("image/", StringComparison.Ordinal) || media.StartsWith("audio/", StringComparison.Ordinal))
        {
            return Of(new JsonObject { ["type"] = media[..5], ["data"] = Convert.ToBase64String(body), ["mimeType"] = media }, null, isError: false);
        }

        if (media.EndsWith("json", StringComparison.OrdinalIgnoreCase) && TryParse(body) is { } json)
        {
            var shape = settings.Shapes.FirstOrDefault(s => BundlePatterns.Fits(s.Operation, operation.Id) || BundlePatterns.Fits(s.Operation, operation.Call));
            var shaped = shape is null ? json : Shape(shape.Keep.Count == 0 ? json : Keep(json, [.. shape.Keep.Select(k => k.Split('.'))]), shape);
            return Of(TextOf(shaped?.ToJsonString() ?? "null"), shaped as JsonObject, isError: false);
        }

        return media.StartsWith("text/", StringComparison.Ordinal) || media.EndsWith("xml", StringComparison.OrdinalIgnoreCase) || media.EndsWith("json", StringComparison.OrdinalIgnoreCase) || media.Length == 0
            ? Of(TextOf(Encoding.UTF8.GetString(body)), null, isError: false)
            : Of(new JsonObject { ["type"] = "resource", ["resource"] = new JsonObject { ["uri"] = $"openapi:{operation.Id}", ["mimeType"] = media, ["blob"] = Convert.ToBase64String(body) } }, null, isError: false);
    }

    private static JsonObject TextOf(string text) => new() { ["type"] = "text", ["text"] = text };

    private static JsonObject Of(JsonObject content, JsonObject? structured, bool isError)
    {
        var result = new JsonObject { ["content"] = new JsonArray(content) };
        if (structured is not null)
        {
            result["structuredContent"] = structured.DeepClone();
        }

        if (isError)
        {
            result["isError"] = true;
        }

        return result;
    }

    private static JsonNode? TryParse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { MaxDepth = 128 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Paths go through lists without saying so.
    private static JsonNode? Keep(JsonNode? node, List<string[]> paths) => node switch
    {
        _ when paths.Any(p => p.Length == 0) => node?.DeepClone(),
        JsonArray list => new JsonArray([.. list.Select(e => Keep(e, paths))]),
        JsonObject o => new JsonObject(o
            .Select(m => (m.Key, m.Value, Left: paths.Where(p => p[0] == m.Key || p[0] == "*").Select(p => p[1..]).ToList()))
            .Where(m => m.Left.Count > 0)
            .Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Keep(m.Value, m.Left)))),
        _ => null,
    };

    private static JsonNode? Shape(JsonNode? node, AnswerShape shape) => node switch
    {
        JsonArray list => new JsonArray([.. list.Take(shape.MaxItems ?? int.MaxValue).Select(e => Shape(e, shape))]),
        JsonObject o => new JsonObject(o.Select(m => new KeyValuePair<string, JsonNode?>(m.Key, Shape(m.Value, shape)))),
        JsonValue v when shape.MaxTextLength is { } most && v.GetValueKind() == JsonValueKind.String && v.GetValue<string>() is { } text && text.Length > most => JsonValue.Create(text[..most] + "…"),
        _ => node?.DeepClone(),
    };
}
