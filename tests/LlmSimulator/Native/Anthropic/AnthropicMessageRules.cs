using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.Anthropic;

/// <summary>What Anthropic refuses of a conversation.</summary>
internal static partial class AnthropicMessageRules
{
    private static readonly HashSet<string> _userBlocks = new(["text", "image", "document", "tool_result", "search_result", "container_upload"], StringComparer.Ordinal);

    private static readonly HashSet<string> _images = new(["image/jpeg", "image/png", "image/gif", "image/webp"], StringComparer.Ordinal);

    public static RuleBreak? Check(JsonElement body)
    {
        var messages = body.List("messages").ToList();
        if (messages.Count == 0)
        {
            return new("messages: at least one message is required");
        }

        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].GetText("role");
            if (role is not ("user" or "assistant"))
            {
                return new($"messages: Unexpected role \"{role}\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.");
            }

            if (i == 0 && role != "user")
            {
                return new("messages: first message must use the \"user\" role");
            }

            if (messages[i].EnumerateObject().Select(p => p.Name).FirstOrDefault(p => p is not ("role" or "content")) is { } extra)
            {
                return new($"messages.{i}.{extra}: Extra inputs are not permitted");
            }

            if (Content(messages[i], i, role, i == messages.Count - 1, open) is { } broken)
            {
                return broken;
            }
        }

        if (open.Count > 0)
        {
            return new($"messages.{messages.Count - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", open)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.");
        }

        return ThinkingFirst(body, messages);
    }

    private static RuleBreak? Content(JsonElement message, int i, string role, bool last, HashSet<string> open)
    {
        var content = message.Get("content");
        if (content is { ValueKind: JsonValueKind.String } text)
        {
            return open.Count > 0 ? Unanswered(i, open)
                : text.GetString()!.Length == 0 && !(last && role == "assistant") ? new($"messages.{i}: all messages must have non-empty content except for the optional final assistant message")
                : last && role == "assistant" && text.GetString()!.TrimEnd() != text.GetString() ? new("messages: final assistant content cannot end with trailing whitespace")
                : null;
        }

        if (content is not { ValueKind: JsonValueKind.Array } blocks || (blocks.GetArrayLength() == 0 && !(last && role == "assistant")))
        {
            return new($"messages.{i}: all messages must have non-empty content except for the optional final assistant message");
        }

        var answered = new HashSet<string>(StringComparer.Ordinal);
        var calls = new List<string>();
        var others = 0;
        var b = 0;
        foreach (var block in blocks.EnumerateArray())
        {
            var at = $"messages.{i}.content.{b++}";
            var type = block.GetText("type");
            if (type == "tool_result")
            {
                var id = block.GetText("tool_use_id");
                if (id is null || !open.Contains(id) || !answered.Add(id))
                {
                    return new($"{at}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
                }

                if (others > 0)
                {
                    return new($"{at}: `tool_result` blocks must come first in the content of a message that answers tool calls");
                }
            }
            else
            {
                others++;
            }

            if (Block(block, type, at, role) is { } broken)
            {
                return broken;
            }

            if (type == "tool_use")
            {
                calls.Add(block.GetText("id")!);
            }
        }

        open.ExceptWith(answered);
        if (open.Count > 0)
        {
            return Unanswered(i, open);
        }

        return calls.All(open.Add) ? null : new($"messages.{i}: `tool_use` ids must be unique");
    }

    private static RuleBreak Unanswered(int i, HashSet<string> open)
        => new($"messages.{i - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", open)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.");

    private static RuleBreak? Block(JsonElement block, string? type, string at, string role)
    {
        if (role == "user" && (type is null || !_userBlocks.Contains(type)))
        {
            return new($"{at}: Input tag '{type}' found using 'type' does not match any of the expected tags: {string.Join(", ", _userBlocks)}");
        }

        if (role == "assistant" && type is (null or "image" or "document" or "tool_result"))
        {
            return new($"{at}: `{type}` blocks are not permitted in assistant messages");
        }

        switch (type)
        {
            case "text":
                return string.IsNullOrEmpty(block.GetText("text")) ? new("messages: text content blocks must be non-empty") : null;
            case "tool_use":
                return block.GetText("id") is not { } id || !Id().IsMatch(id) ? new($"{at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
                    : string.IsNullOrEmpty(block.GetText("name")) ? new($"{at}.tool_use.name: Field required")
                    : !block.Get("input").IsObject() ? new($"{at}.tool_use.input: Input should be a valid dictionary")
                    : null;
            case "thinking":
                return block.GetText("thinking") is not { } thinking ? new($"{at}.thinking.thinking: Field required")
                    : block.GetText("signature") is not { } signature ? new($"{at}.thinking.signature: Field required")
                    : signature != Signatures.Sign(thinking) ? new($"{at}: Invalid `signature` in `thinking` block")
                    : null;
            case "redacted_thinking":
                return Signatures.IsRedacted(block.GetText("data") ?? "") ? null : new($"{at}: Invalid `data` in `redacted_thinking` block");
            case "image" or "document":
                return Source(block, type, at);
            case "tool_result":
                return block.List("content").Any(c => c.GetText("type") is not ("text" or "image" or "document" or "search_result" or "tool_reference")) ? new($"{at}.tool_result.content: unexpected block") : null;
            default:
                return null;
        }
    }

    private static RuleBreak? Source(JsonElement block, string type, string at)
    {
        if (block.Get("source") is not { } source || source.GetText("type") is not { } kind)
        {
            return new($"{at}.{type}.source: Field required");
        }

        return kind switch
        {
            "base64" when type == "image" && !_images.Contains(source.GetText("media_type") ?? "") => new($"{at}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"),
            "base64" when type == "document" && source.GetText("media_type") != "application/pdf" => new($"{at}.document.source.base64.media_type: Input should be 'application/pdf'"),
            "base64" when !IsBase64(source.GetText("data")) => new($"{at}.{type}.source.base64: invalid base64 data"),
            "url" when source.GetText("url") is null => new($"{at}.{type}.source.url: Field required"),
            "base64" or "url" or "file" => null,
            "text" or "content" when type == "document" => null,
            _ => new($"{at}.{type}.source: unexpected type {kind}"),
        };
    }

    /// <summary>With thinking on, the assistant's turn that tools are being answered for must start with its thinking.</summary>
    private static RuleBreak? ThinkingFirst(JsonElement body, List<JsonElement> messages)
    {
        if (body.Get("thinking")?.GetText("type") != "enabled" || !messages[^1].List("content").Any(b => b.GetText("type") == "tool_result"))
        {
            return null;
        }

        var at = messages.FindLastIndex(m => m.GetText("role") == "assistant");
        var first = messages[at].List("content").Select(b => b.GetText("type")).FirstOrDefault();
        return first is "thinking" or "redacted_thinking"
            ? null
            : new($"messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.");
    }

    private static bool IsBase64(string? data) => !string.IsNullOrEmpty(data) && Convert.TryFromBase64String(data, new byte[data.Length], out _);

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex Id();
}
