using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Writes a whole answer for a caller. The dialect has one choice; others are left out.</summary>
internal static class CohereAnswerWriter
{
    /// <summary>See <see cref="IChatDialect.WriteAnswer"/>.</summary>
    public static void Write(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output)
    {
        var choice = answer.Choices.Count > 0 ? answer.Choices[0] : new ChatChoice { Finish = FinishReason.Other };
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("id", answer.Id is { Length: > 0 } id ? id : context.Id);
        WriteMessage(writer, choice);
        writer.WriteString("finish_reason", CohereFinish.Write(choice.Finish, choice.FinishDetail));
        if (answer.Usage is { } usage)
        {
            CohereUsage.Write(writer, usage);
        }

        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, ChatChoice choice)
    {
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        var cited = new List<(TextPart Text, int Index)>();
        var contents = choice.Parts.FindAll(static p => p switch
        {
            ReasoningPart reasoning => reasoning.Text.Length > 0 && !CohereReasoning.IsPlan(reasoning.Signature),
            TextPart or RefusalPart or MediaPart { Transcript: not null } => true,
            _ => false,
        });
        if (contents.Count > 0)
        {
            writer.WriteStartArray("content");
            foreach (var (index, part) in contents.Index())
            {
                writer.WriteStartObject();
                var (type, text) = part switch
                {
                    ReasoningPart reasoning => ("thinking", reasoning.Text),
                    RefusalPart refusal => ("text", refusal.Text),
                    MediaPart media => ("text", media.Transcript),
                    _ => ("text", ((TextPart)part).Text),
                };
                writer.WriteString("type", type);
                writer.WriteString(type, text);
                writer.WriteEndObject();
                if (part is TextPart { Citations.Count: > 0 } source)
                {
                    cited.Add((source, index));
                }
            }

            writer.WriteEndArray();
        }

        var plan = string.Concat(choice.Parts.OfType<ReasoningPart>().Where(static r => CohereReasoning.IsPlan(r.Signature)).Select(static r => r.Text));
        writer.WriteOptional("tool_plan", plan.Length > 0 ? plan : null);
        if (choice.Parts.Exists(static p => p is ToolCallPart))
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in choice.Parts.OfType<ToolCallPart>())
            {
                CohereMessageWriter.WriteCall(writer, call);
            }

            writer.WriteEndArray();
        }

        if (cited.Count > 0)
        {
            writer.WriteStartArray("citations");
            cited.ForEach(c => CohereCitations.Write(writer, c.Text, c.Index));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
