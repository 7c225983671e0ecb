using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes the content blocks that requests and answers have in common.</summary>
internal static class AnthropicBlocks
{
    public const int MaxIdLength = 128;

    public static void WriteText(Utf8JsonWriter writer, string text, IReadOnlyList<Citation> citations, CacheMarker? cache)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        if (citations.Count > 0)
        {
            writer.WriteStartArray("citations"u8);
            foreach (var citation in citations)
            {
                WriteCitation(writer, citation);
            }

            writer.WriteEndArray();
        }

        AnthropicJson.WriteCache(writer, cache);
        writer.WriteEndObject();
    }

    /// <summary>True when the citation has a form in this dialect.</summary>
    public static bool CanWrite(Citation citation) => citation.Url is not null || citation.Document is not null || IsOwn(citation);

    public static void WriteCitation(Utf8JsonWriter writer, Citation citation)
    {
        if (IsOwn(citation))
        {
            citation.Raw!.Value.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        if (citation.Url is not null)
        {
            writer.WriteString("type"u8, "web_search_result_location"u8);
            writer.WriteString("url"u8, citation.Url);
            WriteOrNull(writer, "title", citation.Title);
            writer.WriteString("cited_text"u8, citation.CitedText ?? "");
            writer.WriteString("encrypted_index"u8, ""u8);
        }
        else
        {
            writer.WriteString("type"u8, "char_location"u8);
            writer.WriteNumber("document_index"u8, citation.Document ?? 0);
            WriteOrNull(writer, "document_title", citation.Title);
            writer.WriteString("cited_text"u8, citation.CitedText ?? "");
            writer.WriteNumber("start_char_index"u8, 0);
            writer.WriteNumber("end_char_index"u8, citation.CitedText?.Length ?? 0);
        }

        writer.WriteEndObject();
    }

    public static void WriteThinking(Utf8JsonWriter writer, string text, string? signature)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "thinking"u8);
        writer.WriteString("thinking"u8, text);
        writer.WriteString("signature"u8, signature ?? "");
        writer.WriteEndObject();
    }

    public static void WriteRedacted(Utf8JsonWriter writer, string data)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "redacted_thinking"u8);
        writer.WriteString("data"u8, data);
        writer.WriteEndObject();
    }

    public static void WriteCall(Utf8JsonWriter writer, ToolCallPart call, CacheMarker? cache)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, ToolIds.Fit(call.Id, MaxIdLength));
        writer.WriteString("name"u8, call.Name);
        writer.WritePropertyName("input"u8);
        ToolArguments.Write(writer, call.Arguments, call.IsCustom);
        AnthropicJson.WriteCache(writer, cache);
        writer.WriteEndObject();
    }

    /// <summary>Writes the answer's id, in this dialect's form.</summary>
    public static string Id(string? id, AnswerContext context)
    {
        id ??= context.Id;
        return id.StartsWith("msg_", StringComparison.Ordinal) ? id : "msg_" + id;
    }

    private static bool IsOwn(Citation citation) => citation is { Origin: DialectId.Anthropic, Raw: not null };

    private static void WriteOrNull(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is null)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, value);
        }
    }
}
