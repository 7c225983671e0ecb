using System.Globalization;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads the messages of a chat completion request.</summary>
internal sealed class OpenAIMessageReader(ChatRequest request)
{
    /// <summary>Ids of function calls in the older form, which has none: the results refer to them by name, in order.</summary>
    private readonly List<ToolCallPart> _unanswered = [];

    private int _functionCalls;

    public DialectProblem? Read(JsonElement messages)
    {
        var position = 0;
        foreach (var message in messages.EnumerateArray())
        {
            if (ReadMessage(message, $"messages[{position++}]") is { } problem)
            {
                return problem;
            }
        }

        return position == 0 ? new DialectProblem("'messages' must have at least one message.", "messages") : null;
    }

    private DialectProblem? ReadMessage(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return new DialectProblem($"'{path}' must be an object.", path);
        }

        ChatRole? role = json.StringOf("role") switch
        {
            "system" => ChatRole.System,
            "developer" => ChatRole.Developer,
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "tool" or "function" => ChatRole.Tool,
            _ => null,
        };
        if (role is null)
        {
            return new DialectProblem($"'{path}.role' must be one of 'system', 'developer', 'user', 'assistant', 'tool' and 'function'.", path + ".role");
        }

        var message = new ChatMessage(role.Value) { Name = role == ChatRole.Tool ? null : json.StringOf("name") };
        request.Messages.Add(message);
        if (role == ChatRole.Tool)
        {
            return ReadToolResult(json, message, path);
        }

        if (role == ChatRole.Assistant)
        {
            OpenAIReasoning.ReadMessage(json, message.Parts);
        }

        if (ReadContent(json, message.Parts, path) is { } problem)
        {
            return problem;
        }

        if (OpenAIToolReader.ReadCache(json) is { } cache && message.Parts.Count > 0)
        {
            message.Parts[^1].Cache ??= cache;
        }

        return role == ChatRole.Assistant ? ReadAssistant(json, message, path) : null;
    }

    private DialectProblem? ReadAssistant(JsonElement json, ChatMessage message, string path)
    {
        if (OpenAIParts.ReadSignature(json) is { } signature && message.Parts.OfType<TextPart>().LastOrDefault() is { } text)
        {
            text.Signature = signature;
        }

        if (json.StringOf("refusal") is { Length: > 0 } refusal)
        {
            message.Parts.Add(new RefusalPart(refusal));
        }

        if (json.TryObject("audio", out var audio) && audio.StringOf("id") is { } audioId)
        {
            message.Parts.Add(new MediaPart(MediaKind.Audio) { Id = audioId, Transcript = audio.StringOf("transcript") });
        }

        if (json.TryArray("tool_calls", out var calls))
        {
            var position = 0;
            foreach (var call in calls.EnumerateArray())
            {
                if (OpenAIParts.ReadToolCall(call, ToolCallIds.Missing(path, 0, position)) is not { Name.Length: > 0 } part)
                {
                    return new DialectProblem($"'{path}.tool_calls[{position}]' has no function or custom tool with a name.", $"{path}.tool_calls[{position}]");
                }

                message.Parts.Add(part);
                position++;
            }
        }
        else if (json.TryObject("function_call", out var function))
        {
            var part = new ToolCallPart
            {
                Id = "call_function_" + _functionCalls++.ToString(CultureInfo.InvariantCulture), Name = function.StringOf("name") ?? "", Arguments = OpenAIParts.Arguments(function),
            };
            message.Parts.Add(part);
            _unanswered.Add(part);
        }

        return null;
    }

    private DialectProblem? ReadToolResult(JsonElement json, ChatMessage message, string path)
    {
        var name = json.StringOf("name");
        var id = json.StringOf("tool_call_id");
        if (id is null)
        {
            var call = _unanswered.Find(c => name is null || c.Name == name);
            if (call is null)
            {
                return new DialectProblem($"'{path}.tool_call_id' is required: it says which call this is the result of.", path + ".tool_call_id");
            }

            _unanswered.Remove(call);
            id = call.Id;
        }

        var result = new ToolResultPart { CallId = id, Name = name, Cache = OpenAIToolReader.ReadCache(json) };
        message.Parts.Add(result);
        return ReadContent(json, result.Content, path);
    }

    private static DialectProblem? ReadContent(JsonElement json, List<ContentPart> parts, string path)
    {
        if (!json.TryMember("content", out var content))
        {
            return null;
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            if (content.GetString() is { Length: > 0 } text)
            {
                parts.Add(new TextPart(text));
            }

            return null;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return new DialectProblem($"'{path}.content' must be a string or an array of content parts.", path + ".content");
        }

        var position = 0;
        foreach (var entry in content.EnumerateArray())
        {
            var where = $"{path}.content[{position++}]";
            if (ReadPart(entry) is not { } part)
            {
                return new DialectProblem($"'{where}' is not a content part this endpoint knows, or lacks the member that its type asks for.", where);
            }

            part.Cache = OpenAIToolReader.ReadCache(entry);
            parts.Add(part);
        }

        return null;
    }

    private static ContentPart? ReadPart(JsonElement part)
    {
        switch (part.StringOf("type"))
        {
            case "text" or "input_text" or "output_text" or null:
                return part.ValueKind == JsonValueKind.String ? new TextPart(part.GetString()!) : part.StringOf("text") is { } text ? new TextPart(text) : null;
            case "refusal":
                return part.StringOf("refusal") is { } refusal ? new RefusalPart(refusal) : null;
            case "thinking":
                var thinking = "";
                if (part.TryArray("thinking", out var thoughts))
                {
                    OpenAIParts.ReadContentArray(thoughts, t => thinking += t, t => thinking += t);
                }

                return new ReasoningPart { Text = part.StringOf("thinking") ?? thinking };
            case "image_url" or "input_image":
                var holder = part.TryObject("image_url", out var inner) ? inner : part;
                var image = part.StringOf("image_url") ?? holder.StringOf("url");
                return image is null ? null : OpenAIParts.ReadMedia(MediaKind.Image, image, holder.StringOf("detail"));
            case "video_url":
                var video = part.TryObject("video_url", out var film) ? film.StringOf("url") : part.StringOf("video_url");
                return video is null ? null : OpenAIParts.ReadMedia(MediaKind.Video, video);
            case "input_audio":
                return part.TryObject("input_audio", out var audio) && audio.StringOf("data") is { } data
                    ? ReadAudio(data, audio.StringOf("format")) : null;
            case "file":
                return part.TryObject("file", out var file) ? ReadFile(file) : null;
            case { } type:
                return new OpaquePart(DialectId.OpenAIChat, type, part);
        }
    }

    private static MediaPart ReadAudio(string data, string? format)
    {
        var part = OpenAIParts.ReadMedia(MediaKind.Audio, data);
        if (part.Url is { } bytes)
        {
            part.Data = bytes;
            part.Url = null;
        }

        part.MediaType ??= format switch { null => null, "mp3" => "audio/mpeg", _ => "audio/" + format };
        return part;
    }

    private static MediaPart? ReadFile(JsonElement file)
    {
        var name = file.StringOf("filename");
        if (file.StringOf("file_data") is { } data)
        {
            var part = OpenAIParts.ReadMedia(MediaKind.Document, data);
            part.Name = name;
            if (part.Url is { } bytes && bytes.AsSpan(0, Math.Min(bytes.Length, 16)).IndexOf("://") < 0)
            {
                part.Data = bytes;
                part.Url = null;
            }

            if (part.MediaType is null && name is not null && name.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase))
            {
                part.MediaType = "application/pdf";
            }

            return part;
        }

        return file.StringOf("file_id") is { } id ? new MediaPart(MediaKind.Document) { FileId = id, Name = name } : null;
    }
}
