using System.Text;
using System.Text.Json;

namespace Gateway.LlmSimulator.Native;

/// <summary>The text of a prompt, by which tokens are counted: four bytes each, in every dialect.</summary>
internal static class PromptText
{
    private static readonly HashSet<string> _texts = new(["text", "content", "input", "output", "thinking", "instructions", "system", "arguments"], StringComparer.Ordinal);

    /// <summary>UTF-8 bytes of all texts in some properties of a request.</summary>
    public static long Bytes(JsonElement body, params ReadOnlySpan<string> properties)
    {
        var bytes = 0L;
        foreach (var property in properties)
        {
            if (body.Get(property) is { } value)
            {
                bytes += Bytes(value, isText: true);
            }
        }

        return bytes;
    }

    /// <summary>The text that a conversation ends with.</summary>
    public static string Last(IReadOnlyList<JsonElement> messages, string contentName = "content")
    {
        if (messages.Count == 0 || messages[^1].Get(contentName) is not { } content)
        {
            return "";
        }

        return content.ValueKind == JsonValueKind.String ? content.GetString()!
            : content.ValueKind == JsonValueKind.Array ? content.EnumerateArray().Select(p => p.GetText("text")).LastOrDefault(t => t is not null) ?? ""
            : "";
    }

    private static long Bytes(JsonElement value, bool isText) => value.ValueKind switch
    {
        JsonValueKind.String when isText => Encoding.UTF8.GetByteCount(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().Sum(v => Bytes(v, isText)),
        JsonValueKind.Object => value.EnumerateObject().Sum(p => Bytes(p.Value, _texts.Contains(p.Name))),
        _ => 0,
    };
}
