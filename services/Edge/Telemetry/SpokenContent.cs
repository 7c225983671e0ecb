using System.Text;
using System.Text.Json;
using Gateway.Contracts.RequestLog;
using Gateway.Dialects.Chat;
using Gateway.Edge.RequestLog;

namespace Gateway.Edge.Telemetry;

/// <summary>
/// Puts what was said onto the span of the call, in the form of the conventions and as the request log keeps it: after redaction, by whose policy alone it is there at all.
/// What cannot be read as messages, because it was cut or is no chat, is left out.
/// </summary>
internal static class SpokenContent
{
    /// <summary>Adds the messages of an entry to the spans that wait for them.</summary>
    public static void Add(LogDraft draft, RequestLogEntry entry)
    {
        if (draft.Trace?.Call is not { } call || !draft.IsChat)
        {
            return;
        }

        var dialect = ChatDialects.Get(draft.Dialect);
        if (entry.Request is { Cut: false, Text: { Length: > 0 } asked }
            && dialect.ReadRequest(Encoding.UTF8.GetBytes(asked), new RequestLocation(draft.Usage.Model, draft.Usage.Stream), out var request) is null)
        {
            call.SetTag("gen_ai.input.messages", Json(writer => Messages(writer, request.Messages.Where(static m => !IsInstruction(m)))));
            var instructions = request.Messages.Where(IsInstruction).SelectMany(static m => m.Parts).ToList();
            if (instructions.Count > 0)
            {
                call.SetTag("gen_ai.system_instructions", Json(writer => Parts(writer, instructions)));
            }
        }

        if (entry.Answer is { Cut: false, Text: { Length: > 0 } said } && dialect.TryReadAnswer(Encoding.UTF8.GetBytes(said), out var answer) && answer.Error is null)
        {
            call.SetTag("gen_ai.output.messages", Json(writer => Choices(writer, answer.Choices)));
        }
    }

    private static bool IsInstruction(ChatMessage message) => message.Role is not (ChatRole.User or ChatRole.Assistant or ChatRole.Tool);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            write(writer);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Messages(Utf8JsonWriter writer, IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, message.Role switch { ChatRole.Assistant => "assistant", ChatRole.Tool => "tool", _ => "user" });
            writer.WriteStartArray("parts"u8);
            Parts(writer, message.Parts);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }

    private static void Choices(Utf8JsonWriter writer, IEnumerable<ChatChoice> choices)
    {
        foreach (var choice in choices)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, "assistant"u8);
            writer.WriteStartArray("parts"u8);
            Parts(writer, choice.Parts);
            writer.WriteEndArray();
            writer.WriteString("finish_reason"u8, choice.Finish switch
            {
                FinishReason.Length => "length",
                FinishReason.ToolCalls => "tool_call",
                FinishReason.ContentFilter or FinishReason.Refusal => "content_filter",
                _ => "stop",
            });
            writer.WriteEndObject();
        }
    }

    private static void Parts(Utf8JsonWriter writer, IEnumerable<ContentPart> parts)
    {
        foreach (var part in parts)
        {
            writer.WriteStartObject();
            switch (part)
            {
                case TextPart text:
                    Text(writer, "text", text.Text);
                    break;
                case RefusalPart refusal:
                    Text(writer, "text", refusal.Text);
                    break;
                case ReasoningPart reasoning:
                    Text(writer, "reasoning", reasoning.Text);
                    break;
                case ToolCallPart call:
                    writer.WriteString("type"u8, "tool_call"u8);
                    writer.WriteString("id"u8, call.Id);
                    writer.WriteString("name"u8, call.Name);
                    writer.WriteString("arguments"u8, call.Arguments);
                    break;
                case ToolResultPart result:
                    writer.WriteString("type"u8, "tool_call_response"u8);
                    writer.WriteString("id"u8, result.CallId);
                    writer.WriteStartArray("response"u8);
                    Parts(writer, result.Content);
                    writer.WriteEndArray();
                    break;
                case MediaPart media:
                    // Pictures and files are told of, and never sent along.
                    writer.WriteString("type"u8, "file"u8);
                    writer.WriteString("modality"u8, media.Kind.ToString().ToLowerInvariant());
                    writer.WriteString("mime_type"u8, media.MediaType);
                    break;
                default:
                    writer.WriteString("type"u8, "other"u8);
                    break;
            }

            writer.WriteEndObject();
        }
    }

    private static void Text(Utf8JsonWriter writer, string type, string content)
    {
        writer.WriteString("type"u8, type);
        writer.WriteString("content"u8, content);
    }
}
