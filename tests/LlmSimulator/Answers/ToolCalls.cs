using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Calls of the tools a request offers, with arguments that fit their schemas.</summary>
internal static class ToolCalls
{
    private const int PieceChars = 8;

    /// <summary>The first <paramref name="count"/> calls, going round the tools; only the named one when <c>tool_choice</c> names it.</summary>
    public static IReadOnlyList<ToolCall> Make(JsonElement request, int count, string answerId)
    {
        var functions = request.GetProperty("tools").EnumerateArray()
            .Where(t => t.ValueKind == JsonValueKind.Object && t.TryGetProperty("function", out var f) && f.ValueKind == JsonValueKind.Object && f.TryGetProperty("name", out var n) && n.ValueKind == JsonValueKind.String)
            .Select(t => t.GetProperty("function")).ToList();
        if (request.TryGetProperty("tool_choice", out var choice) && choice.ValueKind == JsonValueKind.Object
            && choice.TryGetProperty("function", out var chosen) && chosen.TryGetProperty("name", out var wanted))
        {
            functions = [.. functions.Where(f => f.GetProperty("name").ValueEquals(wanted.GetString()))];
        }

        return functions.Count == 0 ? [] : [.. Enumerable.Range(0, count).Select(i => Call(functions[i % functions.Count], $"call_{answerId}_{i}"))];
    }

    private static ToolCall Call(JsonElement function, string id)
    {
        var arguments = Arguments(function.TryGetProperty("parameters", out var schema) ? schema : default);
        var pieces = arguments.Chunk(PieceChars).Select(c => Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(new string(c))));
        return new ToolCall(id, JsonEncodedText.Encode(function.GetProperty("name").GetString()!).EncodedUtf8Bytes.ToArray(), [.. pieces]);
    }

    /// <summary>An object with every property of a schema.</summary>
    public static string Arguments(JsonElement schema)
    {
        var fields = new List<string>();
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            fields.AddRange(properties.EnumerateObject().Select(p => $"{JsonEncodedText.Encode(p.Name) switch { var n => "\"" + n + "\"" }}:{Value(p.Value)}"));
        }

        return "{" + string.Join(',', fields) + "}";
    }

    private static string Value(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return "null";
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            return values[0].GetRawText();
        }

        return (schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()!.ToLowerInvariant() : null) switch
        {
            "string" => "\"simulated value\"",
            "integer" or "number" => "7",
            "boolean" => "true",
            "array" => "[]",
            "object" => Arguments(schema),
            _ => "null",
        };
    }
}
