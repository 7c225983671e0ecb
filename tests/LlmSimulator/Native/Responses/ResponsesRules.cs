using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.Responses;

/// <summary>What OpenAI refuses of a request for a response.</summary>
internal static partial class ResponsesRules
{
    private static readonly HashSet<string> _fields = new(
        [
            "model", "input", "instructions", "background", "conversation", "include", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "previous_response_id", "prompt",
            "client_metadata", "prompt_cache_key", "prompt_cache_retention", "reasoning", "safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice", "tools",
            "top_logprobs", "top_p", "truncation", "user", "context_management", "moderation", "prompt_cache_options",
        ], StringComparer.Ordinal);

    public static RuleBreak? Check(JsonElement body)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!_fields.Contains(property.Name))
            {
                return new($"Unknown parameter: '{property.Name}'.", property.Name);
            }
        }

        if (string.IsNullOrEmpty(body.GetText("model")))
        {
            return new("Missing required parameter: 'model'.", "model");
        }

        if (body.Get("max_output_tokens") is not null && body.GetInt("max_output_tokens") is not >= 16)
        {
            return new($"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got {body.Get("max_output_tokens")!.Value.GetRawText()} instead.", "max_output_tokens");
        }

        return Tools(body) ?? Format(body) ?? Input(body);
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

            if (type == "function" && tool.GetText("name") is null)
            {
                return new($"Missing required parameter: '{at}.name'.", at + ".name");
            }

            if (type == "function" && !Name().IsMatch(tool.GetText("name")!))
            {
                return new($"Invalid '{at}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", at + ".name");
            }

            if (tool.Get("function") is not null)
            {
                return new($"Unknown parameter: '{at}.function'.", at + ".function");
            }
        }

        return body.Get("tool_choice") is { ValueKind: JsonValueKind.Object } choice && choice.Get("function") is not null ? new("Unknown parameter: 'tool_choice.function'.", "tool_choice.function") : null;
    }

    private static RuleBreak? Format(JsonElement body)
    {
        if (body.Get("text")?.Get("format") is not { } format)
        {
            return null;
        }

        return format.GetText("type") switch
        {
            "text" or "json_object" => null,
            "json_schema" when format.GetText("name") is null => new("Missing required parameter: 'text.format.name'.", "text.format.name"),
            "json_schema" when format.Get("schema") is null => new("Missing required parameter: 'text.format.schema'.", "text.format.schema"),
            "json_schema" => null,
            _ => new("Invalid value: 'text.format.type'.", "text.format.type"),
        };
    }

    private static RuleBreak? Input(JsonElement body)
    {
        if (body.Get("input") is not { } input)
        {
            return body.Get("prompt") is not null || body.Get("conversation") is not null ? null : new("Missing required parameter: 'input'.", "input");
        }

        if (input.ValueKind == JsonValueKind.String)
        {
            return null;
        }

        var calls = new HashSet<string>(StringComparer.Ordinal);
        var answered = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var item in body.List("input"))
        {
            var at = $"input[{index++}]";
            switch (item.GetText("type") ?? "message")
            {
                case "message":
                    if (Message(item, at) is { } broken)
                    {
                        return broken;
                    }

                    break;
                case "function_call":
                    if (item.GetText("call_id") is not { Length: > 0 and <= 64 } call || item.GetText("name") is null || item.GetText("arguments") is null)
                    {
                        return new($"Missing or invalid parameter: '{at}.call_id', '{at}.name' or '{at}.arguments'.", at);
                    }

                    if (item.GetText("id") is { } id && !id.StartsWith("fc_", StringComparison.Ordinal))
                    {
                        return new($"Invalid '{at}.id': '{id}'. Expected an ID that begins with 'fc'.", at + ".id");
                    }

                    _ = calls.Add(call);
                    break;
                case "function_call_output":
                    if (item.GetText("call_id") is not { } answers || (!calls.Contains(answers) && body.Get("previous_response_id") is null && body.Get("conversation") is null))
                    {
                        return new($"No tool call found for function call output with call_id {item.GetText("call_id")}.", "input");
                    }

                    if (item.Get("output") is not { ValueKind: JsonValueKind.String or JsonValueKind.Array })
                    {
                        return new($"Missing required parameter: '{at}.output'.", at + ".output");
                    }

                    _ = answered.Add(answers);
                    break;
                case "reasoning":
                    if (item.Get("summary") is not { ValueKind: JsonValueKind.Array })
                    {
                        return new($"Missing required parameter: '{at}.summary'.", at + ".summary");
                    }

                    if (item.GetText("encrypted_content") is { } encrypted && !Signatures.IsOurs(encrypted))
                    {
                        return new($"The encrypted content for item {item.GetText("id")} could not be verified.", "input");
                    }

                    break;
                default:
                    break;
            }
        }

        calls.ExceptWith(answered);
        return calls.Count > 0 ? new($"No tool output found for function call {calls.First()}.", "input") : null;
    }

    private static RuleBreak? Message(JsonElement item, string at)
    {
        var role = item.GetText("role");
        if (role is not ("user" or "assistant" or "system" or "developer"))
        {
            return new($"Invalid value: '{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.", at + ".role");
        }

        var index = 0;
        foreach (var part in item.List("content"))
        {
            var type = part.GetText("type");
            if (role == "assistant" ? type is not ("output_text" or "refusal") : type is not ("input_text" or "input_image" or "input_file" or "input_audio"))
            {
                return new($"Invalid value: '{type}'. Supported values are: {(role == "assistant" ? "'output_text' and 'refusal'" : "'input_text', 'input_image' and 'input_file'")}.", $"{at}.content[{index}]");
            }

            index++;
        }

        return item.Get("content") is { ValueKind: JsonValueKind.String or JsonValueKind.Array } ? null : new($"Missing required parameter: '{at}.content'.", at + ".content");
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Name();
}
