using System.Text;
using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Writes the system prompt and the messages of a request.</summary>
internal sealed class BedrockMessageWriter(BedrockModel model, ConversationTurns conversation, Utf8JsonWriter writer, DialectId origin, DropList drops)
{
    private const int MaxNameLength = 200;
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);

    /// <summary>True when the part can be written; else it is reported.</summary>
    public static bool CanWrite(ContentPart part, ChatRole role, DialectId origin, DropList drops)
    {
        switch (part)
        {
            case TextPart or RefusalPart or ToolCallPart or ToolResultPart:
                return true;
            case ReasoningPart thought:
                // The thoughts of another provider's model mean nothing to this one.
                return ClaudeThinking.IsOf(thought, DialectId.BedrockConverse);
            case OpaquePart { Origin: DialectId.BedrockConverse }:
                return true;
            case OpaquePart opaque:
                drops.Add(CallerNames.Content(origin, opaque.Type));
                return false;
            case MediaPart { Transcript.Length: > 0 } when role == ChatRole.Assistant:
                return true;
            case MediaPart media when role is ChatRole.User or ChatRole.Tool && HasForm(media):
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
            if (part is TextPart text)
            {
                BedrockBlocks.WriteText(writer, text.Text);
                WriteCache(writer, conversation.CacheOf(part), model);
            }
            else if (part is OpaquePart opaque)
            {
                opaque.Raw.WriteTo(writer);
            }
        }

        foreach (var text in more)
        {
            BedrockBlocks.WriteText(writer, text);
        }

        writer.WriteEndArray();
    }

    public void WriteMessages()
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
                WritePart(turn.Parts[j], last);
                WriteCache(writer, conversation.CacheOf(turn.Parts[j]), model);
            }

            // A document is refused without a text beside it.
            if (turn.Parts.Exists(static p => p is MediaPart { Kind: MediaKind.Document }) && !turn.Parts.Exists(static p => p is TextPart))
            {
                BedrockBlocks.WriteText(writer, ConversationTurns.Opening);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteCache(Utf8JsonWriter writer, CacheMarker? cache, BedrockModel model)
    {
        if (cache is not null && model.TakesCache)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("cachePoint"u8);
            writer.WriteString("type"u8, "default"u8);
            writer.WriteOptional("ttl", model.TakesCacheTtl ? cache.Ttl : null);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    private static bool HasForm(MediaPart media) => BedrockFormats.FormatOf(media) is not null
        && (media.Data is { Length: > 0 } || (media.Text is { Length: > 0 } && media.Kind == MediaKind.Document)
            || (media.Url?.StartsWith("s3://", StringComparison.Ordinal) ?? false));

    private void WritePart(ContentPart part, bool last = false)
    {
        switch (part)
        {
            case TextPart text:
                // The answer goes on right where the caller's beginning of it ends; trailing space there is refused.
                BedrockBlocks.WriteText(writer, last ? text.Text.TrimEnd() : text.Text);
                break;
            case RefusalPart refusal:
                BedrockBlocks.WriteText(writer, refusal.Text);
                break;
            case ToolCallPart call:
                BedrockBlocks.WriteCall(writer, call);
                break;
            case ToolResultPart result:
                WriteResult(result);
                break;
            case ReasoningPart { Encrypted: { Origin: DialectId.BedrockConverse } encrypted }:
                BedrockBlocks.WriteRedacted(writer, encrypted.Value);
                break;
            case ReasoningPart thought:
                BedrockBlocks.WriteReasoning(writer, thought.Text, thought.Signature!.Value);
                break;
            case MediaPart { Transcript.Length: > 0 } spoken when !HasForm(spoken):
                BedrockBlocks.WriteText(writer, spoken.Transcript);
                break;
            case MediaPart media:
                BedrockBlocks.WriteMedia(writer, media, NameOf(media));
                break;
            case OpaquePart opaque:
                opaque.Raw.WriteTo(writer);
                break;
        }
    }

    private void WriteResult(ToolResultPart result)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolResult"u8);
        writer.WriteString("toolUseId"u8, ToolIds.Fit(result.CallId, BedrockBlocks.MaxIdLength));
        writer.WriteStartArray("content"u8);
        foreach (var part in result.Content)
        {
            if (part is not TextPart { Text.Length: 0 } && CanWrite(part, ChatRole.Tool, origin, drops))
            {
                WritePart(part);
            }
        }

        writer.WriteEndArray();
        if (result.IsError)
        {
            writer.WriteString("status"u8, "error"u8);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A name made of letters, digits, single spaces, hyphens and brackets, which no other document of the request has.</summary>
    private string NameOf(MediaPart media)
    {
        if (media.Kind != MediaKind.Document)
        {
            return "";
        }

        var name = new StringBuilder();
        foreach (var c in media.Name is null ? "" : Path.GetFileNameWithoutExtension(media.Name))
        {
            var kept = char.IsAsciiLetterOrDigit(c) || c is '-' or '(' or ')' or '[' or ']' ? c : ' ';
            if (name.Length < MaxNameLength - 10 && !(kept == ' ' && (name.Length == 0 || name[^1] == ' ')))
            {
                name.Append(kept);
            }
        }

        var plain = name.ToString().TrimEnd();
        plain = plain.Length == 0 ? "document" : plain;
        var count = _names[plain] = _names.GetValueOrDefault(plain) + 1;
        return count == 1 ? plain : $"{plain} ({count})";
    }
}
