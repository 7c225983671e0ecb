using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes whole chat completions as OpenAI's clients expect them.</summary>
internal static class OpenAIAnswerWriter
{
    public static void Write(ChatAnswer answer, AnswerContext context, IBufferWriter<byte> output)
    {
        var created = answer.Created ?? context.Created.ToUnixTimeSeconds();
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, answer.Id is { Length: > 0 } id ? id : "chatcmpl-" + context.Id);
        writer.WriteString("object"u8, "chat.completion"u8);
        writer.WriteNumber("created"u8, created);
        writer.WriteString("model"u8, context.Model);
        writer.WriteStartArray("choices"u8);
        foreach (var choice in answer.Choices)
        {
            WriteChoice(writer, choice, created);
        }

        writer.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            writer.WritePropertyName("usage"u8);
            OpenAIUsage.Write(writer, usage);
        }

        if (OpenAITiers.ForAnswer(answer.ServiceTier) is { } tier)
        {
            writer.WriteString("service_tier"u8, tier);
        }

        writer.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter writer, ChatChoice choice, long created)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, choice.Index);
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        WriteMessage(writer, choice.Parts, created);
        writer.WriteEndObject();
        if (choice.LogProbabilities is { } probabilities)
        {
            writer.WriteElement("logprobs", probabilities);
        }
        else
        {
            writer.WriteNull("logprobs"u8);
        }

        writer.WriteString("finish_reason"u8, OpenAIFinish.Write(choice.Finish, choice.Parts.Exists(static p => p is RefusalPart)));
        writer.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter writer, List<ContentPart> parts, long created)
    {
        var texts = parts.OfType<TextPart>().ToList();
        var refusals = parts.OfType<RefusalPart>().ToList();
        if (texts.Count > 0)
        {
            writer.WriteString("content"u8, string.Concat(texts.Select(static t => t.Text)));
        }
        else
        {
            writer.WriteNull("content"u8);
        }

        if (refusals.Count > 0)
        {
            writer.WriteString("refusal"u8, string.Concat(refusals.Select(static r => r.Text)));
        }
        else
        {
            writer.WriteNull("refusal"u8);
        }

        WriteReasoning(writer, parts.OfType<ReasoningPart>().ToList());
        WriteAnnotations(writer, texts);
        WriteMedia(writer, parts, created);
        var calls = parts.OfType<ToolCallPart>().ToList();
        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls"u8);
            foreach (var call in calls)
            {
                OpenAIParts.WriteToolCall(writer, call, call.Id);
            }

            writer.WriteEndArray();
        }

        OpenAIParts.WriteSignature(writer, texts.LastOrDefault(static t => t.Signature is not null)?.Signature);
    }

    private static void WriteReasoning(Utf8JsonWriter writer, List<ReasoningPart> parts)
    {
        if (parts.Count == 0)
        {
            return;
        }

        var text = string.Concat(parts.Select(static p => p.Text));
        if (text.Length > 0)
        {
            writer.WriteString("reasoning_content"u8, text);
        }

        if (parts.Count == 1 && !OpenAIReasoning.NeedsDetails(parts[0]))
        {
            return;
        }

        writer.WriteStartArray("reasoning_details"u8);
        for (var i = 0; i < parts.Count; i++)
        {
            OpenAIReasoning.WriteDetails(writer, parts[i], i);
        }

        writer.WriteEndArray();
    }

    private static void WriteAnnotations(Utf8JsonWriter writer, List<TextPart> texts)
    {
        if (!texts.Exists(static t => t.Citations.Exists(OpenAICitations.CanWrite)))
        {
            return;
        }

        var start = 0;
        writer.WriteStartArray("annotations"u8);
        foreach (var text in texts)
        {
            foreach (var citation in text.Citations.Where(OpenAICitations.CanWrite))
            {
                OpenAICitations.Write(writer, citation, start, start + text.Text.Length);
            }

            start += text.Text.Length;
        }

        writer.WriteEndArray();
    }

    private static void WriteMedia(Utf8JsonWriter writer, List<ContentPart> parts, long created)
    {
        if (parts.OfType<MediaPart>().FirstOrDefault(static m => m.Kind == MediaKind.Audio) is { } audio)
        {
            writer.WriteStartObject("audio"u8);
            writer.WriteString("id"u8, audio.Id ?? "audio");
            writer.WriteString("data"u8, audio.Data ?? "");
            // What is translated is not kept anywhere, so that it cannot be referred to in a later turn.
            writer.WriteNumber("expires_at"u8, created);
            writer.WriteString("transcript"u8, audio.Transcript ?? "");
            writer.WriteEndObject();
        }

        var images = parts.OfType<MediaPart>().Where(static m => m.Kind == MediaKind.Image && OpenAIParts.Url(m, "image/png") is not null).ToList();
        if (images.Count > 0)
        {
            writer.WriteStartArray("images"u8);
            foreach (var image in images)
            {
                WriteImage(writer, OpenAIParts.Url(image, "image/png")!);
            }

            writer.WriteEndArray();
        }
    }

    /// <summary>Writes an image of an answer in the form that OpenRouter brought in; the specification has none.</summary>
    public static void WriteImage(Utf8JsonWriter writer, string url)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image_url"u8);
        writer.WriteStartObject("image_url"u8);
        writer.WriteString("url"u8, url);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
