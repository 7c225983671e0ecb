using System.Text.Json;

namespace Gateway.McpHub.MetaTools;

/// <summary>What a program gets of a tool's result: the structured content, or else the texts, read as JSON where they are an object or a list; other blocks come whole.</summary>
internal static class ResultValue
{
    private const int MostDepth = 128;
    private const int LongestError = 2_000;

    /// <summary>Reads the result of a call.</summary>
    /// <param name="result">The <c>result</c> object.</param>
    /// <param name="error">What the tool says of its failure; null when it did not fail.</param>
    public static JsonElement Read(JsonElement result, out string? error)
    {
        error = null;
        var blocks = result.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content : default;
        if (result.TryGetProperty("isError", out var failed) && failed.ValueKind == JsonValueKind.True)
        {
            error = Text(blocks) is { Length: > 0 } said ? said[..Math.Min(said.Length, LongestError)] : "the tool failed and does not say why";
            return default;
        }

        if (result.TryGetProperty("structuredContent", out var structured) && structured.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return structured;
        }

        if (blocks.ValueKind != JsonValueKind.Array || blocks.GetArrayLength() == 0)
        {
            return Null;
        }

        return blocks.GetArrayLength() == 1 ? Block(blocks[0]) : Join(blocks);
    }

    private static JsonElement Null { get; } = JsonElement.Parse("null");

    private static string Text(JsonElement blocks) => blocks.ValueKind != JsonValueKind.Array ? "" : string.Join('\n', blocks.EnumerateArray().Select(TextOf).Where(static t => t is not null));

    private static string? TextOf(JsonElement block) =>
        block.ValueKind == JsonValueKind.Object && block.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("text")
        && block.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static JsonElement Block(JsonElement block)
    {
        if (TextOf(block) is not { } text)
        {
            return block;
        }

        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length > 1 && trimmed[0] is '{' or '[')
        {
            try
            {
                return JsonElement.Parse(trimmed, new JsonDocumentOptions { MaxDepth = MostDepth });
            }
            catch (JsonException)
            {
                // It only begins like JSON.
            }
        }

        return block.GetProperty("text");
    }

    private static JsonElement Join(JsonElement blocks)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var block in blocks.EnumerateArray())
            {
                Block(block).WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        return JsonElement.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
