using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Reads a caller's <c>generateContent</c> request.</summary>
internal static class GeminiRequestReader
{
    /// <summary>See <see cref="IChatDialect.ReadRequest"/>.</summary>
    public static DialectProblem? Read(ReadOnlySpan<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.Gemini, Stream = location.Stream };
        if (!LenientJson.TryParse(body, out var root) || root.ValueKind != JsonValueKind.Object)
        {
            return new DialectProblem("The body is not a JSON object.", null);
        }

        request.Model = GeminiNames.Model(location.Model ?? root.StringOf("model") ?? "");
        JsonElement? contents = null;
        JsonElement? system = null;
        foreach (var (name, value) in root.CamelMembers())
        {
            DialectProblem? problem = null;
            switch (name)
            {
                case "contents":
                    contents = value;
                    break;
                case "systemInstruction":
                    system = value;
                    break;
                case "tools":
                    problem = GeminiToolReader.ReadTools(value, request);
                    break;
                case "toolConfig":
                    problem = GeminiToolReader.ReadConfig(value, request);
                    break;
                case "generationConfig":
                    problem = GeminiConfigReader.Read(value, request);
                    break;
                case "labels" when value.ValueKind == JsonValueKind.Object:
                    foreach (var label in value.EnumerateObject())
                    {
                        request.Metadata[label.Name] = label.Value.Text() ?? label.Value.GetRawText();
                    }

                    break;
                case "model":
                    break;
                default:
                    // A cached prompt is part of the question: without it the answer is to another one.
                    request.Extensions.Add(new RequestExtension(name, value, Essential: name == "cachedContent"));
                    break;
            }

            if (problem is not null)
            {
                return problem;
            }
        }

        return ReadSystem(system, request) ?? ReadContents(contents, request);
    }

    private static DialectProblem? ReadSystem(JsonElement? system, ChatRequest request)
    {
        if (system is not { } content)
        {
            return null;
        }

        var message = new ChatMessage(ChatRole.System);
        if (content.Text() is { } text)
        {
            message.Parts.Add(new TextPart(text));
        }
        else
        {
            var problem = new Conversation(request).ReadParts(content, message, tool: null, "systemInstruction");
            if (problem is not null)
            {
                return problem;
            }
        }

        if (message.Parts.Count > 0)
        {
            request.Messages.Add(message);
        }

        return null;
    }

    private static DialectProblem? ReadContents(JsonElement? contents, ChatRequest request)
    {
        if (contents is not { } value)
        {
            return new DialectProblem("The member contents is missing: give the conversation as an array of contents.", "contents");
        }

        var conversation = new Conversation(request);
        if (value.Text() is { } text)
        {
            request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new TextPart(text) } });
            return null;
        }

        var index = 0;
        foreach (var content in value.ItemsOrSelf())
        {
            if (conversation.ReadContent(content, $"contents[{index++}]") is { } problem)
            {
                return problem;
            }
        }

        return index == 0 ? new DialectProblem("The member contents is empty: at least one content is needed.", "contents") : null;
    }

    /// <summary>The conversation so far: calls wait in it for their results, which may come without an id.</summary>
    private sealed class Conversation(ChatRequest request)
    {
        private readonly List<ToolCallPart> _waiting = [];
        private int _calls;

        public DialectProblem? ReadContent(JsonElement content, string path)
        {
            if (content.ValueKind != JsonValueKind.Object)
            {
                return new DialectProblem($"{path} is not an object with role and parts.", path);
            }

            var role = content.StringOf("role");
            switch (role)
            {
                case "model" or "assistant":
                    var answer = new ChatMessage(ChatRole.Assistant);
                    var problem = ReadParts(content, answer, tool: null, path);
                    Add(answer);
                    return problem;
                case null or "" or "user" or "function" or "tool":
                    var results = new ChatMessage(ChatRole.Tool);
                    var rest = new ChatMessage(ChatRole.User);
                    problem = ReadParts(content, rest, results, path);
                    Add(results);
                    Add(rest);
                    return problem;
                case "system":
                    var system = new ChatMessage(ChatRole.System);
                    problem = ReadParts(content, system, tool: null, path);
                    Add(system);
                    return problem;
                default:
                    return new DialectProblem($"{path}.role is {role}; it must be user or model.", $"{path}.role");
            }
        }

        public DialectProblem? ReadParts(JsonElement content, ChatMessage message, ChatMessage? tool, string path)
        {
            var index = 0;
            foreach (var raw in content.Member("parts")?.ItemsOrSelf() ?? [])
            {
                var at = $"{path}.parts[{index++}]";
                if (raw.Text() is { } text)
                {
                    message.Parts.Add(new TextPart(text));
                    continue;
                }

                if (raw.ValueKind != JsonValueKind.Object)
                {
                    return new DialectProblem($"{at} is not an object.", at);
                }

                var part = GeminiPart.Read(raw);
                if (part.Qualifier is { } qualifier)
                {
                    request.Extensions.Add(new RequestExtension($"{at}.{qualifier}", raw.CamelMember(qualifier) ?? default));
                }

                if (part.FunctionResponse is { } response)
                {
                    (tool ?? message).Parts.Add(ReadResponse(response));
                }
                else if (ReadPart(part, message) is { } read)
                {
                    message.Parts.Add(read);
                }
            }

            return null;
        }

        private ContentPart? ReadPart(in GeminiPart part, ChatMessage message)
        {
            var encrypted = false;
            var signature = part.SignatureText is { } value ? GeminiSignatures.Read(value, out encrypted) : null;
            if (part.FunctionCall is { } call)
            {
                var read = new ToolCallPart
                {
                    Id = call.StringOf("id") is { Length: > 0 } id ? id : GeminiCallIds.ForRequest(_calls),
                    Name = call.StringOf("name") ?? "",
                    Arguments = call.Member("args")?.Compact() ?? "{}",
                    Signature = signature,
                };
                _calls++;
                _waiting.Add(read);
                return read;
            }

            if (part.Media() is { } media)
            {
                return media;
            }

            if (part.Other is { } other)
            {
                return new OpaquePart(DialectId.Gemini, other, part.Raw);
            }

            if (encrypted)
            {
                return new ReasoningPart { Encrypted = signature };
            }

            var last = message.Parts.Count > 0 ? message.Parts[^1] : null;
            if (part.Thought)
            {
                // Streams are kept by clients as one part per chunk, the signature last.
                if (last is ReasoningPart { Signature: null, Encrypted: null } before)
                {
                    before.Text += part.Text;
                    before.Signature = signature;
                    return null;
                }

                return part.Text is { Length: > 0 } || signature is not null ? new ReasoningPart { Text = part.Text ?? "", Signature = signature } : null;
            }

            if (part.Text is { Length: > 0 })
            {
                return new TextPart(part.Text) { Signature = signature };
            }

            if (signature is null)
            {
                return null;
            }

            if (last is TextPart { Signature: null } text)
            {
                text.Signature = signature;
                return null;
            }

            return new ReasoningPart { Encrypted = signature };
        }

        private ToolResultPart ReadResponse(JsonElement response)
        {
            var name = response.StringOf("name");
            var id = response.StringOf("id");
            var call = id is { Length: > 0 } ? _waiting.Find(c => c.Id == id) : _waiting.Find(c => c.Name == name) ?? _waiting.FirstOrDefault();
            if (call is not null)
            {
                _waiting.Remove(call);
            }

            var result = new ToolResultPart { CallId = id is { Length: > 0 } ? id : call?.Id ?? GeminiCallIds.ForRequest(_calls++), Name = name ?? call?.Name };
            GeminiToolResults.Read(response, result);
            return result;
        }

        private void Add(ChatMessage message)
        {
            if (message.Parts.Count > 0)
            {
                request.Messages.Add(message);
            }
        }
    }
}
