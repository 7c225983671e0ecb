using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Pieces of messages that requests, answers and streams have in common.</summary>
internal static class OpenAIParts
{
    /// <summary>The signature that Gemini's models attach to tool calls and texts, or null.</summary>
    public static Signature? ReadSignature(JsonElement holder) =>
        holder.TryObject("extra_content", out var extra) && extra.TryObject("google", out var google) && google.StringOf("thought_signature") is { Length: > 0 } value
            ? Signature.Read(DialectId.OpenAIChat, value) : null;

    /// <summary>Writes <see cref="ReadSignature"/>'s member.</summary>
    public static void WriteSignature(Utf8JsonWriter writer, Signature? signature)
    {
        if (signature is null)
        {
            return;
        }

        writer.WriteStartObject("extra_content"u8);
        writer.WriteStartObject("google"u8);
        writer.WriteString("thought_signature"u8, signature.For(DialectId.OpenAIChat));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>An image given as data URL or address.</summary>
    public static MediaPart ReadMedia(MediaKind kind, string url, string? detail = null)
    {
        var part = new MediaPart(kind) { Detail = detail };
        if (TryDataUrl(url, out var mediaType, out var data))
        {
            part.MediaType = mediaType;
            part.Data = data;
        }
        else
        {
            part.Url = url;
        }

        return part;
    }

    /// <summary>Takes a base64 data URL apart.</summary>
    public static bool TryDataUrl(string url, out string? mediaType, out string data)
    {
        mediaType = null;
        data = "";
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || url.IndexOf(',') is not (> 0 and var comma))
        {
            return false;
        }

        var head = url.AsSpan(5, comma - 5);
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        head = head[..^7];
        mediaType = head.IsEmpty ? null : (head.IndexOf(';') is >= 0 and var semicolon ? head[..semicolon] : head).ToString();
        data = url[(comma + 1)..];
        return true;
    }

    /// <summary>The media as data URL or address, or null when it is neither.</summary>
    public static string? Url(MediaPart part, string defaultType) =>
        part.Data is not null ? $"data:{part.MediaType ?? defaultType};base64,{part.Data}" : part.Url;

    /// <summary>A tool call of a message; null when the entry is none.</summary>
    public static ToolCallPart? ReadToolCall(JsonElement call, string missingId)
    {
        var id = call.StringOf("id") is { Length: > 0 } given ? given : missingId;
        if (call.TryObject("function", out var function))
        {
            return new ToolCallPart { Id = id, Name = function.StringOf("name") ?? "", Arguments = Arguments(function), Signature = ReadSignature(call) };
        }

        if (call.TryObject("custom", out var custom))
        {
            return new ToolCallPart { Id = id, Name = custom.StringOf("name") ?? "", Arguments = custom.StringOf("input") ?? "", IsCustom = true };
        }

        return null;
    }

    /// <summary>A function's arguments; some servers give an object instead of its JSON text.</summary>
    public static string Arguments(JsonElement function) =>
        !function.TryMember("arguments", out var arguments) ? ""
        : arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : arguments.GetRawText();

    /// <summary>Writes a whole tool call.</summary>
    public static void WriteToolCall(Utf8JsonWriter writer, ToolCallPart call, string id)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, call.IsCustom ? "custom"u8 : "function"u8);
        writer.WriteStartObject(call.IsCustom ? "custom"u8 : "function"u8);
        writer.WriteString("name"u8, call.Name);
        if (call.IsCustom)
        {
            writer.WriteString("input"u8, call.Arguments);
        }
        else
        {
            writer.WriteString("arguments"u8, call.Arguments.Length == 0 ? "{}" : call.Arguments);
        }

        writer.WriteEndObject();
        WriteSignature(writer, call.Signature);
        writer.WriteEndObject();
    }

    /// <summary>The texts of an array content, and the reasoning in it (Mistral's <c>thinking</c> parts).</summary>
    public static void ReadContentArray(JsonElement content, Action<string> onText, Action<string> onReasoning, Action<string>? onRefusal = null)
    {
        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.String)
            {
                onText(part.GetString()!);
            }
            else if (part.TryMember("thinking", out var thinking))
            {
                if (thinking.ValueKind == JsonValueKind.String)
                {
                    onReasoning(thinking.GetString()!);
                }
                else if (thinking.ValueKind == JsonValueKind.Array)
                {
                    ReadContentArray(thinking, onReasoning, onReasoning);
                }
            }
            else if (part.StringOf("text") is { } text)
            {
                onText(text);
            }
            else if (part.StringOf("refusal") is { } refusal)
            {
                (onRefusal ?? onText)(refusal);
            }
        }
    }
}
