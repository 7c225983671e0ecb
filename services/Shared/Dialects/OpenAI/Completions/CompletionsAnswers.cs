using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI.Completions;

/// <summary>Answers of the older completions, whole and streamed: nothing but text.</summary>
internal static class CompletionsAnswers
{
    public static void Write(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        WriteHead(writer, Id(answer.Id, context), answer.Created ?? context.Created.ToUnixTimeSeconds(), context.Model);
        foreach (var choice in answer.Choices)
        {
            WriteChoice(writer, choice.Index, Echo(context) + string.Concat(choice.Parts.Select(TextOf)), Finish(choice.Finish));
        }

        writer.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            writer.WritePropertyName("usage"u8);
            OpenAIUsage.Write(writer, usage);
        }

        writer.WriteEndObject();
    }

    public static void WriteHead(Utf8JsonWriter writer, string id, long created, string model)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("object"u8, "text_completion"u8);
        writer.WriteNumber("created"u8, created);
        writer.WriteString("model"u8, model);
        writer.WriteStartArray("choices"u8);
    }

    public static void WriteChoice(Utf8JsonWriter writer, int index, string text, string? finish)
    {
        writer.WriteStartObject();
        writer.WriteString("text"u8, text);
        writer.WriteNumber("index"u8, index);
        writer.WriteNull("logprobs"u8);
        writer.WriteString("finish_reason"u8, finish);
        writer.WriteEndObject();
    }

    public static string Id(string? id, AnswerContext context) => id is { Length: > 0 } ? id : "cmpl-" + context.Id;

    /// <summary>The prompt, where the caller asked for it in front of the answer.</summary>
    public static string Echo(AnswerContext context) =>
        context.Request is { Origin: DialectId.OpenAICompletions } request && request.Extensions.Exists(static e => e is { Name: "echo", Value.ValueKind: JsonValueKind.True })
            ? ((TextPart)request.Messages[0].Parts[0]).Text : "";

    /// <summary>The dialect knows three reasons.</summary>
    public static string Finish(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ContentFilter or FinishReason.Refusal => "content_filter",
        _ => "stop",
    };

    private static string TextOf(ContentPart part) => part switch
    {
        TextPart text => text.Text,
        RefusalPart refusal => refusal.Text,
        _ => "",
    };
}
