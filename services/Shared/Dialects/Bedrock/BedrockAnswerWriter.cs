using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Writes a whole answer of Converse.</summary>
internal static class BedrockAnswerWriter
{
    public static void Write(ChatAnswer answer, IBufferWriter<byte> output)
    {
        var choice = answer.Choices.Count > 0 ? answer.Choices[0] : new ChatChoice();
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteStartObject("output"u8);
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteStartArray("content"u8);
        foreach (var part in choice.Parts)
        {
            WritePart(writer, part);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteString("stopReason"u8, BedrockFinish.Write(choice.Finish, choice.FinishDetail, choice.Parts.Exists(static p => p is ToolCallPart)));
        writer.WriteStartObject("usage"u8);
        BedrockUsage.WriteMembers(writer, answer.Usage ?? default);
        writer.WriteEndObject();
        // Obligatory, and not known here.
        writer.WriteStartObject("metrics"u8);
        writer.WriteNumber("latencyMs"u8, 0);
        writer.WriteEndObject();
        if (choice.StopSequence is not null)
        {
            writer.WriteStartObject("additionalModelResponseFields"u8);
            writer.WriteString("stop_sequence"u8, choice.StopSequence);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, ContentPart part)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(writer, text);
                WriteProof(writer, text.Signature);
                break;
            case RefusalPart { Text.Length: > 0 } refusal:
                BedrockBlocks.WriteText(writer, refusal.Text);
                break;
            case ReasoningPart reasoning:
                if (reasoning.Text.Length > 0 || reasoning.Signature is not null)
                {
                    BedrockBlocks.WriteReasoning(writer, reasoning.Text, reasoning.Signature?.For(DialectId.BedrockConverse));
                }

                WriteProof(writer, reasoning.Encrypted);
                break;
            case ToolCallPart call:
                BedrockBlocks.WriteCall(writer, call);
                WriteProof(writer, call.Signature);
                break;
            case MediaPart { Data: not null } media when BedrockFormats.FormatOf(media) is not null:
                BedrockBlocks.WriteMedia(writer, media, media.Name ?? "document");
                break;
            case MediaPart { Transcript.Length: > 0 } spoken:
                BedrockBlocks.WriteText(writer, spoken.Transcript);
                break;
            case OpaquePart { Origin: DialectId.BedrockConverse } opaque:
                opaque.Raw.WriteTo(writer);
                break;
            default:
                // What only another dialect knows has no form here.
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter writer, TextPart text)
    {
        if (text.Text.Length > 0)
        {
            BedrockBlocks.WriteText(writer, text.Text);
        }

        if (text.Citations.Count == 0)
        {
            return;
        }

        // Beside the text rather than around it: most clients look for text in text blocks only.
        writer.WriteStartObject();
        writer.WriteStartObject("citationsContent"u8);
        writer.WriteStartArray("content"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("citations"u8);
        foreach (var citation in text.Citations)
        {
            BedrockCitations.Write(writer, citation);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteProof(Utf8JsonWriter writer, Signature? signature)
    {
        if (signature is not null)
        {
            BedrockBlocks.WriteRedacted(writer, BedrockSignatures.WriteBlob(signature));
        }
    }
}
