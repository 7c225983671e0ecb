using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.LlmSimulator.Native;

/// <summary>Short ways to read requests and write answers.</summary>
internal static class NativeJson
{
    private static readonly JsonSerializerOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(JsonNode node) => node.ToJsonString(_options);

    public static byte[] Bytes(JsonNode node) => System.Text.Encoding.UTF8.GetBytes(Text(node));

    public static JsonElement? Get(this JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    public static string? GetText(this JsonElement element, string name)
        => element.Get(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static int? GetInt(this JsonElement element, string name)
        => element.Get(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    public static bool GetFlag(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The elements of an array property; none when it is missing or something else.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement element, string name)
        => element.Get(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    public static bool IsObject(this JsonElement? element) => element is { ValueKind: JsonValueKind.Object };

    public static JsonArray Array(IEnumerable<JsonNode?> items)
    {
        var array = new JsonArray();
        foreach (var item in items)
        {
            array.Add(item);
        }

        return array;
    }
}
