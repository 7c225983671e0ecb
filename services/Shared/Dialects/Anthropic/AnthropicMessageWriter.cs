using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes the system prompt and the messages of a request.</summary>
internal sealed class AnthropicMessageWriter(ChatRequest request, ConversationTurns conversation, Utf8JsonWriter writer)
{
    /// <summary>True when the part can be written; else it is reported.</summary>
    public static bool CanWrite(ContentPart part, ChatRole role, DialectId origin, DropList drops)
    {
        switch (part)
        {
            case TextPart or RefusalPart or ToolCallPart or ToolResultPart:
                return true;
            case ReasoningPart thought:
                // The thoughts of another provider's model mean nothing to this one.
                return ClaudeThinking.IsOf(thought, DialectId.Anthropic);
            case OpaquePart opaque when opaque.Origin == DialectId.Anthropic:
                return true;
            case OpaquePart opaque:
                drops.Add(CallerNames.Content(origin, opaque.Type));
                return false;
            case MediaPart { Transcript.Length: > 0 } when role == ChatRole.Assistant:
                return true;
            case MediaPart media when role is ChatRole.User or ChatRole.Tool && Form(media, origin) != MediaForm.None:
                return true;
            case MediaPart media:
                drops.Add(CallerNames.Content(origin, media.Kind));
                return false;
            default:
                return false;
        }
    }

    public void WriteSystem(IReadOnlyList<string> more)
    {
        if (conversation.System.Count == 0 && more.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("system"u8);
        foreach (var part in conversation.System)
        {
            WritePart(part);
        }

        foreach (var text in more)
        {
            AnthropicBlocks.WriteText(writer, text, [], null);
        }

        writer.WriteEndArray();
    }

    public void WriteMessages(DropList drops)
    {
        writer.WriteStartArray("messages"u8);
        for (var i = 0; i < conversation.Turns.Count; i++)
        {
            var turn = conversation.Turns[i];
            writer.WriteStartObject();
            writer.WriteString("role"u8, turn.IsUser ? "user"u8 : "assistant"u8);
            writer.WriteStartArray("content"u8);
            for (var j = 0; j < turn.Parts.Count; j++)
            {
                var last = i == conversation.Turns.Count - 1 && !turn.IsUser && j == turn.Parts.Count - 1;
                WritePart(turn.Parts[j], last, drops);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WritePart(ContentPart part, bool last = false, DropList? drops = null)
    {
        var cache = conversation.CacheOf(part);
        switch (part)
        {
            case TextPart text:
                // The answer goes on right where the caller's beginning of it ends; trailing space there is refused.
                AnthropicBlocks.WriteText(writer, last ? text.Text.TrimEnd() : text.Text, OwnCitations(text), cache);
                break;
            case RefusalPart refusal:
                AnthropicBlocks.WriteText(writer, refusal.Text, [], cache);
                break;
            case ToolCallPart call:
                AnthropicBlocks.WriteCall(writer, call, cache);
                break;
            case ToolResultPart result:
                WriteResult(result, cache, drops);
                break;
            case ReasoningPart { Encrypted: { Origin: DialectId.Anthropic } encrypted }:
                AnthropicBlocks.WriteRedacted(writer, encrypted.Value);
                break;
            case ReasoningPart thought:
                AnthropicBlocks.WriteThinking(writer, thought.Text, thought.Signature!.Value);
                break;
            case MediaPart { Transcript.Length: > 0 } spoken when Form(spoken, request.Origin) == MediaForm.None:
                AnthropicBlocks.WriteText(writer, spoken.Transcript, [], cache);
                break;
            case MediaPart media:
                WriteMedia(media, cache);
                break;
            case OpaquePart opaque:
                opaque.Raw.WriteTo(writer);
                break;
        }
    }

    private static List<Citation> OwnCitations(TextPart text) =>
        text.Citations.FindAll(static c => c is { Origin: DialectId.Anthropic, Raw: { } raw } && raw.StringOf("encrypted_index") is not "");

    private void WriteResult(ToolResultPart result, CacheMarker? cache, DropList? drops)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_result"u8);
        writer.WriteString("tool_use_id"u8, ToolIds.Fit(result.CallId, AnthropicBlocks.MaxIdLength));
        writer.WriteStartArray("content"u8);
        foreach (var part in result.Content)
        {
            if (part is not TextPart { Text.Length: 0 } && CanWrite(part, ChatRole.Tool, request.Origin, drops ?? new DropList()))
            {
                WritePart(part);
            }
        }

        writer.WriteEndArray();
        if (result.IsError)
        {
            writer.WriteBoolean("is_error"u8, true);
        }

        AnthropicJson.WriteCache(writer, cache);
        writer.WriteEndObject();
    }

    private void WriteMedia(MediaPart media, CacheMarker? cache)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, media.Kind == MediaKind.Image ? "image"u8 : "document"u8);
        writer.WriteStartObject("source"u8);
        switch (Form(media, request.Origin))
        {
            case MediaForm.Base64:
                writer.WriteString("type"u8, "base64"u8);
                writer.WriteString("media_type"u8, MediaTypeOf(media));
                writer.WriteString("data"u8, media.Data);
                break;
            case MediaForm.Text:
                writer.WriteString("type"u8, "text"u8);
                writer.WriteString("media_type"u8, "text/plain"u8);
                writer.WriteString("data"u8, media.Text ?? Decode(media.Data!));
                break;
            case MediaForm.File:
                writer.WriteString("type"u8, "file"u8);
                writer.WriteString("file_id"u8, media.FileId);
                break;
            default:
                writer.WriteString("type"u8, "url"u8);
                writer.WriteString("url"u8, media.Url);
                break;
        }

        writer.WriteEndObject();
        if (media.Kind == MediaKind.Document)
        {
            writer.WriteOptional("title", media.Name);
            writer.WriteOptional("context", media.Context);
            if (media.CitationsEnabled is { } enabled)
            {
                writer.WriteStartObject("citations"u8);
                writer.WriteBoolean("enabled"u8, enabled);
                writer.WriteEndObject();
            }
        }

        AnthropicJson.WriteCache(writer, cache);
        writer.WriteEndObject();
    }

    private static MediaForm Form(MediaPart media, DialectId origin)
    {
        if (media.Kind is not (MediaKind.Image or MediaKind.Document))
        {
            return MediaForm.None;
        }

        var type = MediaTypeOf(media);
        if (media.Data is { Length: > 0 } data)
        {
            return media.Kind == MediaKind.Image
                ? type is "image/png" or "image/jpeg" or "image/gif" or "image/webp" ? MediaForm.Base64 : MediaForm.None
                : type == "application/pdf" ? MediaForm.Base64
                : IsText(type) && Convert.TryFromBase64String(data, new byte[data.Length], out _) ? MediaForm.Text : MediaForm.None;
        }

        return media.Text is { Length: > 0 } && media.Kind == MediaKind.Document ? MediaForm.Text
            : media.FileId is not null && origin == DialectId.Anthropic ? MediaForm.File
            : media.Url is not null && (media.Url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || media.Url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
                ? MediaForm.Url : MediaForm.None;
    }

    private static string MediaTypeOf(MediaPart media) => media.MediaType?.Split(';')[0].Trim().ToLowerInvariant() switch
    {
        "image/jpg" => "image/jpeg",
        null or "" => media.Kind == MediaKind.Image ? "image/png" : "application/pdf",
        var known => known,
    };

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/xml" or "application/yaml" or "application/x-yaml";

    private static string Decode(string data) => Encoding.UTF8.GetString(Convert.FromBase64String(data));

    private enum MediaForm
    {
        None,
        Base64,
        Text,
        File,
        Url,
    }
}
