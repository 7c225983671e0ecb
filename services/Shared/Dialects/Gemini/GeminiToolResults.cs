using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Results of tools. Gemini wants an object: <c>output</c> and <c>error</c> are its words for the result and the failure, any other object is the result itself.
/// </summary>
internal static class GeminiToolResults
{
    /// <summary>Reads a <c>functionResponse</c> into <paramref name="result"/>.</summary>
    public static void Read(JsonElement response, ToolResultPart result)
    {
        if (response.Member("response") is { } body)
        {
            var only = body.ValueKind == JsonValueKind.Object && body.GetPropertyCount() == 1 ? body.EnumerateObject().First() : default;
            var isOnly = only.Value.ValueKind != JsonValueKind.Undefined;
            result.IsError = isOnly && only.NameEquals("error");
            var said = isOnly && (result.IsError || only.NameEquals("output")) ? only.Value : body;
            result.Content.Add(new TextPart(said.Text() ?? said.Compact()));
        }

        foreach (var part in response.Member("parts")?.Items() ?? [])
        {
            if (GeminiPart.Read(part).Media() is { } media)
            {
                result.Content.Add(media);
            }
        }
    }

    /// <summary>Writes the member <c>response</c>.</summary>
    public static void Write(Utf8JsonWriter writer, ToolResultPart result)
    {
        var text = string.Join('\n', result.Content.Select(static part => part switch
        {
            TextPart t => t.Text,
            OpaquePart o => o.Raw.Compact(),
            MediaPart { Text: { } document } => document,
            _ => null,
        }).OfType<string>());
        writer.WritePropertyName("response");
        if (text.AsSpan().TrimStart().StartsWith('{') && LenientJson.TryParse(text, out var parsed) && parsed.ValueKind == JsonValueKind.Object
            && (!result.IsError || parsed.TryGetProperty("error", out _)))
        {
            parsed.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString(result.IsError ? "error" : "output", text);
        writer.WriteEndObject();
    }
}
