using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Annotations of a text: the dialect's word for citations.</summary>
internal static class Annotations
{
    public static Citation Read(JsonElement annotation) => new()
    {
        Url = annotation.StringOf("url"),
        Title = annotation.StringOf("title") ?? annotation.StringOf("filename"),
        Start = annotation.IntOf("start_index"),
        End = annotation.IntOf("end_index"),
        Origin = DialectId.OpenAIResponses,
        Raw = annotation,
    };

    /// <summary>Writes a citation as a value.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="citation">The citation.</param>
    /// <param name="textLength">Length of the text so far, for citations that do not say where they end.</param>
    public static void Write(Utf8JsonWriter json, Citation citation, int textLength)
    {
        // Addresses are written anew: xAI leaves out what the specification demands of them.
        if (citation is { Url: null, Origin: DialectId.OpenAIResponses, Raw: { ValueKind: JsonValueKind.Object } raw })
        {
            raw.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        if (citation.Url is not null)
        {
            json.WriteString("type"u8, "url_citation"u8);
            json.WriteString("url"u8, citation.Url);
            json.WriteString("title"u8, citation.Title ?? citation.Url);
            json.WriteNumber("start_index"u8, citation.Start ?? 0);
            json.WriteNumber("end_index"u8, citation.End ?? textLength);
        }
        else
        {
            json.WriteString("type"u8, "file_citation"u8);
            json.WriteString("file_id"u8, $"document_{citation.Document ?? 0}");
            json.WriteString("filename"u8, citation.Title ?? "document");
            json.WriteNumber("index"u8, citation.End ?? textLength);
        }

        json.WriteEndObject();
    }
}
