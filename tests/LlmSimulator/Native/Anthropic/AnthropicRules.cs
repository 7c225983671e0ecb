using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.LlmSimulator.Native.Anthropic;

/// <summary>What Anthropic refuses.</summary>
internal static partial class AnthropicRules
{
    private static readonly HashSet<string> _fields = new(
        [
            "model", "messages", "max_tokens", "metadata", "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p", "service_tier",
            "container", "context_management", "mcp_servers", "output_config", "output_format", "inference_geo", "cache_control", "speed", "anthropic_version", "anthropic_beta",
        ], StringComparer.Ordinal);

    public static RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route)
    {
        var counting = route.Call == Call.CountTokens;
        if (route.Model is null && !request.Headers.ContainsKey("anthropic-version"))
        {
            return new("anthropic-version: header is required");
        }

        if (route.Model is not null && body.GetText("anthropic_version") is null)
        {
            return new("anthropic_version: Field required");
        }

        if (route.Model is null && body.GetText("model") is null)
        {
            return new("model: Field required");
        }

        if (!counting && body.GetInt("max_tokens") is not >= 1)
        {
            return new(body.Get("max_tokens") is null ? "max_tokens: Field required" : "max_tokens: Input should be greater than or equal to 1");
        }

        foreach (var property in body.EnumerateObject())
        {
            if (!_fields.Contains(property.Name))
            {
                return new($"{property.Name}: Extra inputs are not permitted");
            }
        }

        return Sampling(body) ?? System(body) ?? Tools(body) ?? Thinking(body) ?? AnthropicMessageRules.Check(body);
    }

    private static RuleBreak? Sampling(JsonElement body)
    {
        if (body.Get("temperature") is { } temperature && (temperature.ValueKind != JsonValueKind.Number || temperature.GetDouble() is < 0 or > 1))
        {
            return new("temperature: range: 0..1");
        }

        if (body.Get("metadata") is { } metadata && metadata.EnumerateObject().Any(p => p.Name != "user_id"))
        {
            return new("metadata: Extra inputs are not permitted");
        }

        return body.List("stop_sequences").Any(s => s.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(s.GetString()))
            ? new("stop_sequences: each stop sequence must contain non-whitespace")
            : null;
    }

    private static RuleBreak? System(JsonElement body)
    {
        if (body.Get("system") is not { } system || system.ValueKind == JsonValueKind.String)
        {
            return null;
        }

        return system.ValueKind != JsonValueKind.Array || system.EnumerateArray().Any(b => b.GetText("type") != "text" || string.IsNullOrEmpty(b.GetText("text")))
            ? new("system: text content blocks must be non-empty")
            : null;
    }

    private static RuleBreak? Tools(JsonElement body)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var tool in body.List("tools"))
        {
            var at = $"tools.{index++}";
            var name = tool.GetText("name");
            if (tool.GetText("type") is null or "custom")
            {
                if (name is null || !ToolName().IsMatch(name))
                {
                    return new($"{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'");
                }

                if (tool.Get("input_schema") is not { } schema)
                {
                    return new($"{at}.custom.input_schema: Field required");
                }

                if (schema.GetText("type") != "object")
                {
                    return new($"{at}.custom.input_schema.type: Input should be 'object'");
                }
            }

            if (name is not null && !names.Add(name))
            {
                return new("tools: Tool names must be unique.");
            }
        }

        if (body.Get("tool_choice") is not { } choice)
        {
            return null;
        }

        var type = choice.GetText("type");
        return type is not ("auto" or "any" or "tool" or "none") ? new("tool_choice: Input tag found does not match any of the expected tags: 'auto', 'any', 'tool', 'none'")
            : names.Count == 0 ? new("tool_choice: may only be specified while providing tools.")
            : type == "tool" && !names.Contains(choice.GetText("name") ?? "") ? new($"Tool '{choice.GetText("name")}' not found in provided tools")
            : null;
    }

    private static RuleBreak? Thinking(JsonElement body)
    {
        if (body.Get("thinking") is not { } thinking)
        {
            return null;
        }

        var type = thinking.GetText("type");
        if (type is not ("enabled" or "disabled" or "adaptive"))
        {
            return new("thinking: Input tag found does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'");
        }

        if (type == "disabled")
        {
            return null;
        }

        if (type == "enabled" && thinking.GetInt("budget_tokens") is not >= 1024)
        {
            return new("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
        }

        if (type == "enabled" && thinking.GetInt("budget_tokens") >= body.GetInt("max_tokens"))
        {
            return new("`max_tokens` must be greater than `thinking.budget_tokens`.");
        }

        return body.Get("temperature") is { } temperature && temperature.GetDouble() != 1 ? new("`temperature` may only be set to 1 when thinking is enabled.")
            : body.Get("top_k") is not null ? new("`top_k` must be unset when thinking is enabled.")
            : body.Get("tool_choice")?.GetText("type") is "any" or "tool" ? new("Thinking may not be enabled when tool_choice forces tool use.")
            : null;
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}$")]
    private static partial Regex ToolName();
}
