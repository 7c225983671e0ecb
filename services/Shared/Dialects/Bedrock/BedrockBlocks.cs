using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Writes the content blocks that requests and answers have in common.</summary>
internal static class BedrockBlocks
{
    /// <summary>Longest id of a tool call.</summary>
    public const int MaxIdLength = 64;

    public static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    public static void WriteReasoning(Utf8JsonWriter writer, string text, string? signature)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("reasoningContent"u8);
        writer.WriteStartObject("reasoningText"u8);
        writer.WriteString("text"u8, text);
        writer.WriteOptional("signature", signature);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteRedacted(Utf8JsonWriter writer, string blob)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("reasoningContent"u8);
        writer.WriteString("redactedContent"u8, blob);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteCall(Utf8JsonWriter writer, ToolCallPart call)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolUse"u8);
        writer.WriteString("toolUseId"u8, ToolIds.Fit(call.Id, MaxIdLength));
        writer.WriteString("name"u8, call.Name);
        writer.WritePropertyName("input"u8);
        ToolArguments.Write(writer, call.Arguments, call.IsCustom);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes a medium whose format and source are known to exist.</summary>
    public static void WriteMedia(Utf8JsonWriter writer, MediaPart media, string name)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(BedrockFormats.MemberOf(media.Kind));
        writer.WriteString("format"u8, BedrockFormats.FormatOf(media));
        if (media.Kind == MediaKind.Document)
        {
            writer.WriteString("name"u8, name);
        }

        writer.WriteStartObject("source"u8);
        if (media.Data is not null)
        {
            writer.WriteString("bytes"u8, media.Data);
        }
        else if (media.Text is not null)
        {
            writer.WriteBase64String("bytes"u8, System.Text.Encoding.UTF8.GetBytes(media.Text));
        }
        else
        {
            writer.WriteStartObject("s3Location"u8);
            writer.WriteString("uri"u8, media.Url);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (media.Kind == MediaKind.Document)
        {
            writer.WriteOptional("context", media.Context);
            if (media.CitationsEnabled is { } enabled)
            {
                writer.WriteStartObject("citations"u8);
                writer.WriteBoolean("enabled"u8, enabled);
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
