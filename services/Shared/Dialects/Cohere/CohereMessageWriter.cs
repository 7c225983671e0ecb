using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Writes the conversation, and the documents found in it beside it.</summary>
internal static class CohereMessageWriter
{
    /// <summary>Writes <c>messages</c> and <c>documents</c>.</summary>
    /// <returns>Number of documents.</returns>
    public static int Write(Utf8JsonWriter writer, ChatRequest request, DropList drops)
    {
        writer.WriteStartArray("messages");
        foreach (var message in request.Messages)
        {
            drops.AddIf(message.Name is not null, CallerNames.Content(request.Origin, "name"));
            switch (message.Role)
            {
                case ChatRole.Tool:
                    foreach (var result in message.Parts.OfType<ToolResultPart>())
                    {
                        WriteResult(writer, result, request, drops);
                    }

                    break;
                case ChatRole.Assistant:
                    WriteAnswer(writer, message, request, drops);
                    break;
                default:
                    WriteTurn(writer, message, request, drops);
                    break;
            }
        }

        writer.WriteEndArray();
        return WriteDocuments(writer, request);
    }

    private static void WriteTurn(Utf8JsonWriter writer, ChatMessage message, ChatRequest request, DropList drops)
    {
        var parts = message.Parts.FindAll(p => IsWritable(p, request, drops));
        if (parts.Count == 0 && !message.Parts.Exists(IsDocument))
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", message.Role == ChatRole.User ? "user" : "system");
        if (parts.TrueForAll(static p => p is TextPart))
        {
            writer.WriteString("content", string.Join('\n', parts.Cast<TextPart>().Select(static t => t.Text)));
        }
        else
        {
            writer.WriteStartArray("content");
            foreach (var part in parts)
            {
                writer.WriteStartObject();
                if (part is MediaPart media)
                {
                    writer.WriteString("type", "image_url");
                    writer.WriteStartObject("image_url");
                    writer.WriteString("url", media.Data is { } data ? $"data:{media.MediaType ?? "image/png"};base64,{data}" : media.Url);
                    writer.WriteOptional("detail", media.Detail is "low" or "high" or "auto" ? media.Detail : null);
                    writer.WriteEndObject();
                }
                else
                {
                    writer.WriteString("type", "text");
                    writer.WriteString("text", part is TextPart text ? text.Text : ((RefusalPart)part).Text);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteAnswer(Utf8JsonWriter writer, ChatMessage message, ChatRequest request, DropList drops)
    {
        var calls = message.Parts.OfType<ToolCallPart>().ToList();
        var reasoning = message.Parts.OfType<ReasoningPart>().Where(r => r.Text.Length > 0 && CohereReasoning.IsOwn(r, request.Origin)).ToList();
        var plan = string.Concat(reasoning.Where(static r => CohereReasoning.IsPlan(r.Signature)).Select(static r => r.Text));
        var thinking = reasoning.FindAll(static r => !CohereReasoning.IsPlan(r.Signature));
        var texts = message.Parts.Select(static p => p switch
        {
            TextPart text => text.Text,
            RefusalPart refusal => refusal.Text,
            _ => null,
        }).Where(static t => t is { Length: > 0 }).ToList();
        foreach (var part in message.Parts.Where(static p => p is MediaPart or OpaquePart))
        {
            IsWritable(part, request, drops);
        }

        if (calls.Count > 0 && plan.Length == 0)
        {
            // What the model says before it calls tools is its plan here; content beside calls is not expected.
            plan = string.Concat(texts);
            texts.Clear();
        }

        if (calls.Count + thinking.Count + texts.Count == 0 && plan.Length == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        if (thinking.Count + texts.Count > 0)
        {
            WriteContent(writer, thinking, texts);
        }

        if (plan.Length > 0)
        {
            writer.WriteString("tool_plan", plan);
        }

        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            calls.ForEach(call => WriteCall(writer, call));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter writer, List<ReasoningPart> thinking, List<string?> texts)
    {
        if (thinking.Count == 0)
        {
            writer.WriteString("content", string.Concat(texts));
            return;
        }

        writer.WriteStartArray("content");
        foreach (var thought in thinking)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "thinking");
            writer.WriteString("thinking", thought.Text);
            writer.WriteEndObject();
        }

        foreach (var text in texts)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes one tool call, also of answers.</summary>
    internal static void WriteCall(Utf8JsonWriter writer, ToolCallPart call)
    {
        writer.WriteStartObject();
        writer.WriteString("id", call.Id);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WriteString("arguments", call.IsCustom ? ToolArguments.Wrap(call.Arguments) : call.Arguments.Length == 0 ? "{}" : call.Arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, ToolResultPart result, ChatRequest request, DropList drops)
    {
        var texts = result.Content.Select(static part => part switch
        {
            TextPart text => text.Text,
            MediaPart { Text: { } document } => document,
            OpaquePart opaque => opaque.Raw.Compact(),
            _ => null,
        });
        drops.AddIf(result.IsError, CallerNames.Content(request.Origin, "tool_result.is_error"));
        if (result.Content.Exists(static p => p is MediaPart { Text: null }))
        {
            drops.Add(CallerNames.Content(request.Origin, "tool_result.media"));
        }

        writer.WriteStartObject();
        writer.WriteString("role", "tool");
        writer.WriteString("tool_call_id", result.CallId);
        writer.WriteString("content", string.Join('\n', texts.OfType<string>()));
        writer.WriteEndObject();
    }

    private static int WriteDocuments(Utf8JsonWriter writer, ChatRequest request)
    {
        var documents = request.Messages.SelectMany(static m => m.Parts).Where(IsDocument).Cast<MediaPart>().ToList();
        if (documents.Count == 0)
        {
            return 0;
        }

        writer.WriteStartArray("documents");
        foreach (var (index, document) in documents.Index())
        {
            writer.WriteStartObject();
            writer.WriteString("id", $"doc:{index}");
            writer.WriteStartObject("data");
            writer.WriteOptional("title", document.Name);
            writer.WriteOptional("context", document.Context);
            writer.WriteString("text", document.Text);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return documents.Count;
    }

    private static bool IsDocument(ContentPart part) => part is MediaPart { Text: not null };

    private static bool IsWritable(ContentPart part, ChatRequest request, DropList drops)
    {
        switch (part)
        {
            case TextPart text:
                return text.Text.Length > 0;
            case RefusalPart:
                return true;
            case MediaPart { Kind: MediaKind.Image, Text: null } image when image.Data is not null || MediaAddresses.IsWeb(image.Url):
                return true;
            case MediaPart { Text: null } media:
                drops.Add(CallerNames.Content(request.Origin, media.Kind));
                return false;
            case OpaquePart opaque:
                drops.Add(CallerNames.Content(request.Origin, opaque.Type));
                return false;
            default:
                return false;
        }
    }
}
