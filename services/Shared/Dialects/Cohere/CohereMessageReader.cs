using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Reads the conversation, and the documents beside it.</summary>
internal static class CohereMessageReader
{
    /// <summary>Reads both into <paramref name="request"/>.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static DialectProblem? Read(JsonElement? messages, JsonElement? documents, ChatRequest request)
    {
        if (messages is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() == 0)
        {
            return new DialectProblem("The member messages must be an array of at least one message.", "messages");
        }

        var index = 0;
        foreach (var message in list.EnumerateArray())
        {
            if (ReadMessage(message, $"messages[{index++}]", request) is { } problem)
            {
                return problem;
            }
        }

        AddDocuments(documents, request);
        return null;
    }

    private static DialectProblem? ReadMessage(JsonElement message, string path, ChatRequest request)
    {
        ChatRole? role = message.StringOf("role")?.ToLowerInvariant() switch
        {
            "user" => ChatRole.User,
            "assistant" or "chatbot" => ChatRole.Assistant,
            "system" => ChatRole.System,
            "tool" => ChatRole.Tool,
            _ => null,
        };
        if (role is not { } known)
        {
            return new DialectProblem($"{path}.role must be user, assistant, system or tool.", $"{path}.role");
        }

        if (known == ChatRole.Tool)
        {
            if (message.StringOf("tool_call_id") is not { Length: > 0 } id)
            {
                return new DialectProblem($"{path}.tool_call_id is missing.", $"{path}.tool_call_id");
            }

            var result = new ToolResultPart { CallId = id };
            ReadContent(message, result.Content);
            // Results of one turn come as messages of their own.
            if (request.Messages.LastOrDefault() is { Role: ChatRole.Tool } before)
            {
                before.Parts.Add(result);
            }
            else
            {
                request.Messages.Add(new ChatMessage(ChatRole.Tool) { Parts = { result } });
            }

            return null;
        }

        var read = new ChatMessage(known);
        ReadContent(message, read.Parts);
        if (known == ChatRole.Assistant)
        {
            ReadAnswer(message, read.Parts);
        }

        request.Messages.Add(read);
        return null;
    }

    /// <summary>Reads what only the model's messages have: the plan and the calls.</summary>
    internal static void ReadAnswer(JsonElement message, List<ContentPart> parts)
    {
        if (message.StringOf("tool_plan") is { Length: > 0 } plan)
        {
            parts.Add(new ReasoningPart { Text = plan, Signature = CohereReasoning.Plan });
        }

        foreach (var call in (message.Member("tool_calls") ?? default).Items())
        {
            var function = call.Member("function") ?? default;
            parts.Add(new ToolCallPart { Id = call.StringOf("id") ?? "", Name = function.StringOf("name") ?? "", Arguments = Arguments(function.Member("arguments")) });
        }
    }

    /// <summary>Arguments as JSON text. A call without arguments has <c>null</c> or nothing there.</summary>
    internal static string Arguments(JsonElement? arguments) => arguments switch
    {
        null => "{}",
        { ValueKind: JsonValueKind.Object } => arguments.Value.Compact(),
        _ => arguments.Value.Text() is { } text && !string.IsNullOrWhiteSpace(text) && text.Trim() != "null" ? text : "{}",
    };

    /// <summary>Reads the member <c>content</c>: a text or an array of contents.</summary>
    internal static void ReadContent(JsonElement message, List<ContentPart> parts)
    {
        if (message.Member("content") is not { } content)
        {
            return;
        }

        if (content.Text() is { } text)
        {
            if (text.Length > 0)
            {
                parts.Add(new TextPart(text));
            }

            return;
        }

        foreach (var item in content.ItemsOrSelf())
        {
            if (ReadItem(item) is { } part)
            {
                parts.Add(part);
            }
        }
    }

    private static ContentPart? ReadItem(JsonElement item)
    {
        switch (item.StringOf("type"))
        {
            case "text":
                return item.StringOf("text") is { } text ? new TextPart(text) : null;
            case "thinking":
                return new ReasoningPart { Text = item.StringOf("thinking") ?? "", Signature = CohereReasoning.Thinking };
            case "image_url":
                var image = item.Member("image_url") ?? default;
                return (image.Text() ?? image.StringOf("url")) is { } url ? ReadImage(url, image.StringOf("detail")) : null;
            case "document":
                return item.Member("document") is { } document ? new TextPart(DocumentText(document)) : null;
            case { } type:
                return new OpaquePart(DialectId.Cohere, type, item);
            default:
                return null;
        }
    }

    private static MediaPart ReadImage(string url, string? detail)
    {
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || comma < 0)
        {
            return new MediaPart(MediaKind.Image) { Url = url, Detail = detail };
        }

        var type = url[5..comma].Split(';')[0];
        return new MediaPart(MediaKind.Image) { MediaType = type.Length > 0 ? type : null, Data = url[(comma + 1)..], Detail = detail };
    }

    private static string DocumentText(JsonElement document)
    {
        var data = document.Member("data") ?? document;
        return data.Text() ?? data.Compact();
    }

    // Documents stand beside the conversation; elsewhere they are part of what the user says.
    private static void AddDocuments(JsonElement? documents, ChatRequest request)
    {
        var parts = new List<ContentPart>();
        foreach (var document in (documents ?? default).Items())
        {
            var data = document.Member("data") ?? document;
            var text = data.Text() ?? data.StringOf("text") ?? data.StringOf("snippet");
            var onlyText = data.Members().All(static m => m.Name is "text" or "snippet" or "title" or "id");
            parts.Add(new MediaPart(MediaKind.Document)
            {
                MediaType = "text/plain",
                Text = onlyText && text is not null ? text : data.Compact(),
                Name = data.StringOf("title") ?? document.StringOf("id"),
                CitationsEnabled = true,
            });
        }

        if (parts.Count == 0)
        {
            return;
        }

        var user = request.Messages.FindLast(static m => m.Role == ChatRole.User);
        if (user is null)
        {
            request.Messages.Add(user = new ChatMessage(ChatRole.User));
        }

        user.Parts.InsertRange(0, parts);
    }
}
