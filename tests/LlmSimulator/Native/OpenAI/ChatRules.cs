using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.OpenAI;

/// <summary>What OpenAI refuses of a chat request. Fields it does not know are left to pass, as compatible providers do.</summary>
internal static partial class ChatRules
{
    private const int MaxCallId = 40;

    private static readonly HashSet<string> _parts = new(["text", "image_url", "input_audio", "file", "refusal"], StringComparer.Ordinal);

    public static RuleBreak? Check(JsonElement body)
    {
        if (body.Get("messages") is not { ValueKind: JsonValueKind.Array } list)
        {
            return new("Missing required parameter: 'messages'.", "messages");
        }

        if (list.GetArrayLength() == 0)
        {
            return new("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages");
        }

        return Tools(body) ?? Format(body) ?? Messages([.. list.EnumerateArray()]);
    }

    private static RuleBreak? Tools(JsonElement body)
    {
        var index = 0;
        foreach (var tool in body.List("tools"))
        {
            var at = $"tools[{index++}]";
            if (tool.GetText("type") is not { } type)
            {
                return new($"Missing required parameter: '{at}.type'.", at + ".type");
            }

            if (type == "function" && (tool.Get("function")?.GetText("name") is not { } name || !Name().IsMatch(name)))
            {
                return new($"Invalid '{at}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", at + ".function.name");
            }

            if (type == "function" && tool.Get("function")?.Get("parameters") is { } schema && schema.GetText("type") is not (null or "object"))
            {
                return new($"Invalid schema for function: schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.GetText("type")}\"'.", at + ".function.parameters");
            }
        }

        return body.Get("tools") is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() == 0
            ? new("Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", "tools")
            : body.Get("tool_choice") is not null && index == 0 ? new("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice")
            : null;
    }

    private static RuleBreak? Format(JsonElement body)
    {
        if (body.Get("response_format") is not { } format)
        {
            return null;
        }

        return format.GetText("type") switch
        {
            "text" or "json_object" => null,
            "json_schema" => format.Get("json_schema")?.GetText("name") is null ? new("Missing required parameter: 'response_format.json_schema.name'.", "response_format.json_schema.name") : null,
            var type => new($"Invalid value: '{type}'. Supported values are: 'json_object', 'json_schema', and 'text'.", "response_format.type"),
        };
    }

    private static RuleBreak? Messages(List<JsonElement> messages)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            var at = $"messages[{i}]";
            var role = messages[i].GetText("role");
            if (role is not ("system" or "developer" or "user" or "assistant" or "tool" or "function"))
            {
                return new($"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", at + ".role");
            }

            if (role == "tool")
            {
                if (!open.Remove(messages[i].GetText("tool_call_id") ?? ""))
                {
                    return new("Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", at + ".role");
                }
            }
            else if (open.Count > 0)
            {
                return Unanswered(open, at);
            }

            var broken = (role == "assistant" ? Calls(messages[i], at, open) : null) ?? Content(messages[i], role, at);
            if (broken is not null)
            {
                return broken;
            }
        }

        return open.Count > 0 ? Unanswered(open, "messages") : null;
    }

    private static RuleBreak Unanswered(HashSet<string> open, string at)
        => new($"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {string.Join(", ", open)}", at + ".role");

    private static RuleBreak? Calls(JsonElement message, string at, HashSet<string> open)
    {
        var index = 0;
        foreach (var call in message.List("tool_calls"))
        {
            var here = $"{at}.tool_calls[{index++}]";
            if (call.GetText("type") is not ("function" or "custom"))
            {
                return new($"Missing required parameter: '{here}.type'.", here + ".type");
            }

            if (call.GetText("id") is not { } id || id.Length > MaxCallId)
            {
                return new($"Invalid '{here}.id': string too long. Expected a string with maximum length {MaxCallId}.", here + ".id");
            }

            if (call.GetText("type") == "function" && (call.Get("function")?.GetText("name") is null || call.Get("function")?.GetText("arguments") is null))
            {
                return new($"Missing required parameter: '{here}.function.arguments'.", here + ".function");
            }

            if (!open.Add(id))
            {
                return new($"Duplicate value for 'tool_call_id' of '{id}'", here + ".id");
            }
        }

        return message.Get("tool_calls") is { ValueKind: JsonValueKind.Array } && index == 0
            ? new($"Invalid '{at}.tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.", at + ".tool_calls")
            : null;
    }

    private static RuleBreak? Content(JsonElement message, string role, string at)
    {
        var content = message.Get("content");
        if (content is null)
        {
            return role == "assistant" && (message.Get("tool_calls") ?? message.Get("function_call") ?? message.Get("refusal") ?? message.Get("audio")) is not null
                ? null
                : new($"Invalid value for 'content': expected a string, got null.", at + ".content");
        }

        if (content.Value.ValueKind == JsonValueKind.String)
        {
            return null;
        }

        if (content.Value.ValueKind != JsonValueKind.Array)
        {
            return new($"Invalid type for '{at}.content': expected one of a string or array of objects.", at + ".content");
        }

        var index = 0;
        foreach (var part in content.Value.EnumerateArray())
        {
            var here = $"{at}.content[{index++}]";
            var type = part.GetText("type");
            if (type is null || !_parts.Contains(type) || (role != "user" && type is ("image_url" or "input_audio" or "file")))
            {
                return new($"Invalid value: '{type}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', and 'file'.", here + ".type");
            }

            if (type == "text" ? part.GetText("text") is null : type == "image_url" && part.Get("image_url")?.GetText("url") is null)
            {
                return new($"Missing required parameter: '{here}.{type}'.", here);
            }
        }

        return index == 0 ? new($"Invalid '{at}.content': empty array. Expected an array with minimum length 1, but got an empty array instead.", at + ".content") : null;
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Name();
}
