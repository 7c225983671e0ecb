using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Writes a whole message.</summary>
internal static class AnthropicAnswerWriter
{
    public static void Write(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output)
    {
        var choice = answer.Choices.Count > 0 ? answer.Choices[0] : new ChatChoice();
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, AnthropicBlocks.Id(answer.Id, context));
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, context.Model);
        writer.WriteStartArray("content"u8);
        foreach (var part in choice.Parts)
        {
            WritePart(writer, part);
        }

        writer.WriteEndArray();
        var finish = AnthropicFinish.Write(choice.Finish, choice.FinishDetail, choice.Parts.Exists(static p => p is ToolCallPart));
        writer.WriteString("stop_reason"u8, finish);
        if (finish == "stop_sequence" && choice.StopSequence is not null)
        {
            writer.WriteString("stop_sequence"u8, choice.StopSequence);
        }
        else
        {
            writer.WriteNull("stop_sequence"u8);
        }

        writer.WriteStartObject("usage"u8);
        AnthropicUsage.WriteMembers(writer, answer.Usage ?? default);
        if (answer.Origin == DialectId.Anthropic)
        {
            writer.WriteOptional("service_tier", answer.ServiceTier);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, ContentPart part)
    {
        switch (part)
        {
            case TextPart text:
                if (text.Text.Length > 0)
                {
                    AnthropicBlocks.WriteText(writer, text.Text, text.Citations.FindAll(AnthropicBlocks.CanWrite), null);
                }

                WriteProof(writer, text.Signature);
                break;
            case RefusalPart { Text.Length: > 0 } refusal:
                AnthropicBlocks.WriteText(writer, refusal.Text, [], null);
                break;
            case MediaPart { Transcript.Length: > 0 } spoken:
                AnthropicBlocks.WriteText(writer, spoken.Transcript, [], null);
                break;
            case ReasoningPart reasoning:
                if (reasoning.Text.Length > 0 || reasoning.Signature is not null)
                {
                    AnthropicBlocks.WriteThinking(writer, reasoning.Text, reasoning.Signature?.For(DialectId.Anthropic));
                }

                WriteProof(writer, reasoning.Encrypted);
                break;
            case ToolCallPart call:
                AnthropicBlocks.WriteCall(writer, call, null);
                WriteProof(writer, call.Signature);
                break;
            case OpaquePart { Origin: DialectId.Anthropic } opaque:
                opaque.Raw.WriteTo(writer);
                break;
            default:
                // Pictures, and what only another dialect knows, have no form in an answer.
                break;
        }
    }

    private static void WriteProof(Utf8JsonWriter writer, Signature? signature)
    {
        if (signature is not null)
        {
            AnthropicBlocks.WriteRedacted(writer, signature.For(DialectId.Anthropic));
        }
    }
}
