using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>
/// Reads the member <c>input</c> of a request: a list of items, which become messages. Items of the model that follow each other (reasoning, messages, calls)
/// are one message, and so are results that follow each other.
/// </summary>
internal sealed class InputReader(ChatRequest request)
{
    private readonly Dictionary<string, Signature> _callSignatures = new(StringComparer.Ordinal);

    public DialectProblem? Read(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new TextPart(input.GetString()!) } });
            return null;
        }

        if (input.ValueKind != JsonValueKind.Array)
        {
            return new DialectProblem("The input must be a text or a list of items.", "input");
        }

        var index = 0;
        foreach (var item in input.EnumerateArray())
        {
            if (ReadItem(item, $"input[{index++}]") is { } problem)
            {
                return problem;
            }
        }

        foreach (var call in request.Messages.SelectMany(static m => m.Parts).OfType<ToolCallPart>())
        {
            call.Signature = _callSignatures.GetValueOrDefault(call.Id);
        }

        return null;
    }

    private DialectProblem? ReadItem(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return new DialectProblem("An item of the input must be an object.", path);
        }

        var type = item.StringOf("type") ?? "message";
        switch (type)
        {
            case "message":
                return ReadMessage(item, path);
            case "function_call" or "custom_tool_call":
                return ReadCall(item, type == "custom_tool_call", path);
            case "function_call_output" or "custom_tool_call_output":
                return ReadResult(item, path);
            case "reasoning":
                ReadReasoning(item);
                return null;
            case "item_reference" when item.StringOf("id") is { } id && id.StartsWith("rs_", StringComparison.Ordinal):
                // Reasoning is of use only to who made it: elsewhere the conversation goes on without.
                Last(ChatRole.Assistant).Parts.Add(new OpaquePart(DialectId.OpenAIResponses, type, item));
                return null;
            case "item_reference" or "compaction" or "compaction_summary" or "compaction_trigger":
                // What these stand for only the provider knows.
                request.Extensions.Add(new RequestExtension(path, item, Essential: true));
                Last(ChatRole.Assistant).Parts.Add(new OpaquePart(DialectId.OpenAIResponses, type, item));
                return null;
            default:
                var isAnswer = type.EndsWith("_output", StringComparison.Ordinal) || type.EndsWith("_response", StringComparison.Ordinal);
                Last(isAnswer ? ChatRole.User : ChatRole.Assistant).Parts.Add(new OpaquePart(DialectId.OpenAIResponses, type, item));
                return null;
        }
    }

    private DialectProblem? ReadMessage(JsonElement item, string path)
    {
        ChatRole role;
        switch (item.StringOf("role"))
        {
            case "user":
                role = ChatRole.User;
                break;
            case "assistant":
                role = ChatRole.Assistant;
                break;
            case "system":
                role = ChatRole.System;
                break;
            case "developer":
                role = ChatRole.Developer;
                break;
            default:
                return new DialectProblem("The role of a message must be user, assistant, system or developer.", path + ".role");
        }

        var message = role == ChatRole.Assistant ? Last(role) : New(role);
        return item.TryMember("content", out var content)
            ? ReadContents(content, message.Parts, path + ".content")
            : new DialectProblem("A message must have content.", path + ".content");
    }

    private static DialectProblem? ReadContents(JsonElement contents, List<ContentPart> parts, string path)
    {
        if (contents.ValueKind == JsonValueKind.String)
        {
            parts.Add(new TextPart(contents.GetString()!));
            return null;
        }

        if (contents.ValueKind != JsonValueKind.Array)
        {
            return new DialectProblem("Content must be a text or a list of contents.", path);
        }

        var index = 0;
        foreach (var content in contents.EnumerateArray())
        {
            if (ReadContent(content, $"{path}[{index++}]", out var part) is { } problem)
            {
                return problem;
            }

            if (content.TryObject("prompt_cache_breakpoint", out _))
            {
                part.Cache = new CacheMarker(null);
            }

            parts.Add(part);
        }

        return null;
    }

    private static DialectProblem? ReadContent(JsonElement content, string path, out ContentPart part)
    {
        part = null!;
        if (content.StringOf("type") is not { } type)
        {
            return new DialectProblem("A content must be an object with a type.", path + ".type");
        }

        switch (type)
        {
            case "input_text" or "output_text" or "text":
                var text = new TextPart(content.StringOf("text") ?? "");
                if (content.TryArray("annotations", out var annotations))
                {
                    text.Citations.AddRange(annotations.EnumerateArray().Select(Annotations.Read));
                }

                part = text;
                return null;
            case "refusal":
                part = new RefusalPart(content.StringOf("refusal") ?? "");
                return null;
            case "input_image":
                part = MediaContent.ReadImage(content)!;
                return part is null ? new DialectProblem("A picture needs image_url or file_id.", path) : null;
            case "input_file":
                part = MediaContent.ReadFile(content)!;
                return part is null ? new DialectProblem("A file needs file_data, file_url or file_id.", path) : null;
            case "input_audio":
                part = MediaContent.ReadAudio(content)!;
                return part is null ? new DialectProblem("A recording needs data.", path + ".input_audio.data") : null;
            default:
                part = new OpaquePart(DialectId.OpenAIResponses, type, content);
                return null;
        }
    }

    private DialectProblem? ReadCall(JsonElement item, bool custom, string path)
    {
        if ((item.StringOf("call_id") ?? item.StringOf("id")) is not { Length: > 0 } id)
        {
            return new DialectProblem("A call needs the call_id that its output refers to.", path + ".call_id");
        }

        if (item.StringOf("name") is not { Length: > 0 } name)
        {
            return new DialectProblem("A call needs the name of the tool.", path + ".name");
        }

        Last(ChatRole.Assistant).Parts.Add(new ToolCallPart
        {
            Id = id, Name = name, IsCustom = custom, Arguments = item.StringOf(custom ? "input" : "arguments") ?? "",
        });
        return null;
    }

    private DialectProblem? ReadResult(JsonElement item, string path)
    {
        if (item.StringOf("call_id") is not { Length: > 0 } id)
        {
            return new DialectProblem("An output needs the call_id of its call.", path + ".call_id");
        }

        var result = new ToolResultPart { CallId = id, Name = item.StringOf("name") };
        if (item.TryMember("output", out var output))
        {
            if (output.ValueKind is JsonValueKind.String or JsonValueKind.Array)
            {
                if (ReadContents(output, result.Content, path + ".output") is { } problem)
                {
                    return problem;
                }
            }
            else
            {
                result.Content.Add(new TextPart(output.GetRawText()));
            }
        }

        Last(ChatRole.Tool).Parts.Add(result);
        return null;
    }

    private void ReadReasoning(JsonElement item)
    {
        var content = item.StringOf("encrypted_content");
        if (EncryptedReasoning.TryReadCall(content, out var callId, out var callSignature))
        {
            _callSignatures[callId] = callSignature;
            return;
        }

        var (text, isSummary) = OutputReader.ReasoningText(item);
        var (signature, encrypted) = EncryptedReasoning.FromCaller(item.StringOf("id"), content);
        if (text.Length > 0 || signature is not null || encrypted is not null)
        {
            Last(ChatRole.Assistant).Parts.Add(new ReasoningPart
            {
                Text = text, IsSummary = isSummary, Id = item.StringOf("id"), Signature = signature, Encrypted = encrypted,
            });
        }
    }

    /// <summary>The last message when it is of that role; else a new one.</summary>
    private ChatMessage Last(ChatRole role) => request.Messages.Count > 0 && request.Messages[^1].Role == role ? request.Messages[^1] : New(role);

    private ChatMessage New(ChatRole role)
    {
        var message = new ChatMessage(role);
        request.Messages.Add(message);
        return message;
    }
}
