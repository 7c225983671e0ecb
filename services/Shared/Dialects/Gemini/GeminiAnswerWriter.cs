using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Writes a whole answer for a caller, and the parts that streams are made of as well.</summary>
internal static class GeminiAnswerWriter
{
    /// <summary>See <see cref="IChatDialect.WriteAnswer"/>.</summary>
    public static void Write(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteStartArray("candidates");
        foreach (var choice in answer.Choices)
        {
            WriteCandidate(writer, choice);
        }

        writer.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            GeminiUsage.Write(writer, usage);
        }

        WriteIdentity(writer, answer.Id, context);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members that name the answer.</summary>
    public static void WriteIdentity(Utf8JsonWriter writer, string? id, AnswerContext context)
    {
        writer.WriteString("modelVersion", context.Model);
        writer.WriteString("responseId", id is { Length: > 0 } ? id : context.Id);
    }

    /// <summary>Writes a part of reasoning or text.</summary>
    public static void WriteText(Utf8JsonWriter writer, string text, bool thought, string? signature = null)
    {
        writer.WriteStartObject();
        writer.WriteString("text", text);
        if (thought)
        {
            writer.WriteBoolean("thought", true);
        }

        writer.WriteOptional("thoughtSignature", signature);
        writer.WriteEndObject();
    }

    /// <summary>Writes a tool call.</summary>
    public static void WriteCall(Utf8JsonWriter writer, string id, string name, string arguments, bool isFreeText, Signature? signature)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionCall");
        if (id.Length > 0)
        {
            writer.WriteString("id", id);
        }

        writer.WriteString("name", name);
        writer.WritePropertyName("args");
        ToolArguments.Write(writer, arguments, isFreeText);
        writer.WriteEndObject();
        writer.WriteOptional("thoughtSignature", signature is null ? null : GeminiSignatures.Write(signature, encrypted: false));
        writer.WriteEndObject();
    }

    /// <summary>Writes media within the answer, or its address.</summary>
    public static void WriteMedia(Utf8JsonWriter writer, MediaKind kind, string? mediaType, string? data, string? url)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(data is null ? "fileData" : "inlineData");
        writer.WriteString("mimeType", mediaType ?? GeminiMediaTypes.Guess(kind, url));
        writer.WriteString(data is null ? "fileUri" : "data", data ?? url ?? "");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteCandidate(Utf8JsonWriter writer, ChatChoice choice)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("content");
        writer.WriteStartArray("parts");
        foreach (var part in choice.Parts)
        {
            WritePart(writer, part);
        }

        writer.WriteEndArray();
        writer.WriteString("role", "model");
        writer.WriteEndObject();
        writer.WriteString("finishReason", GeminiFinish.Write(choice.Finish, choice.FinishDetail));
        writer.WriteNumber("index", choice.Index);
        GeminiGrounding.Write(writer, [.. choice.Parts.Index().Where(static p => p.Item is TextPart { Citations.Count: > 0 }).Select(static p => (p.Index, ((TextPart)p.Item).Text, (IReadOnlyList<Citation>)((TextPart)p.Item).Citations))], joined: false);

        if (choice.LogProbabilities is { } probabilities)
        {
            GeminiLogprobs.Write(writer, probabilities);
        }

        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, ContentPart part)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(writer, text.Text, thought: false, text.Signature is null ? null : GeminiSignatures.Write(text.Signature, encrypted: false));
                break;
            case RefusalPart refusal:
                WriteText(writer, refusal.Text, thought: false);
                break;
            case ReasoningPart reasoning:
                if (reasoning.Text.Length > 0 || reasoning.Signature is not null)
                {
                    WriteText(writer, reasoning.Text, thought: true, reasoning.Signature is null ? null : GeminiSignatures.Write(reasoning.Signature, encrypted: false));
                }

                if (reasoning.Encrypted is { } encrypted)
                {
                    WriteText(writer, "", thought: encrypted.Origin != DialectId.Gemini, GeminiSignatures.Write(encrypted, encrypted: true));
                }

                break;
            case ToolCallPart call:
                WriteCall(writer, call.Id, call.Name, call.Arguments, call.IsCustom, call.Signature);
                break;
            case MediaPart media when media.Data is not null || media.Url is not null:
                WriteMedia(writer, media.Kind, media.MediaType, media.Data, media.Url);
                if (media.Transcript is { Length: > 0 } transcript)
                {
                    WriteText(writer, transcript, thought: false);
                }

                break;
            case OpaquePart { Origin: DialectId.Gemini } opaque:
                opaque.Raw.WriteTo(writer);
                break;
        }
    }
}
