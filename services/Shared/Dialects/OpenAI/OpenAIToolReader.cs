using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads tools and the choice among them, the older <c>functions</c> and <c>function_call</c> included.</summary>
internal static class OpenAIToolReader
{
    public static DialectProblem? Read(JsonElement json, ChatRequest request)
    {
        if (json.TryMember("tools", out var tools) && ReadList(tools, "tools", request, ReadTool) is { } problem)
        {
            return problem;
        }

        if (json.TryMember("functions", out var functions) && ReadList(functions, "functions", request, static f => ReadFunction(f, null)) is { } older)
        {
            return older;
        }

        if (json.TryMember("tool_choice", out var choice))
        {
            request.ToolChoice = ReadChoice(choice);
            return request.ToolChoice is null ? new DialectProblem("'tool_choice' must be 'none', 'auto', 'required' or name a tool.", "tool_choice") : null;
        }

        if (json.TryMember("function_call", out var call))
        {
            request.ToolChoice = ReadChoice(call);
            return request.ToolChoice is null ? new DialectProblem("'function_call' must be 'none', 'auto' or name a function.", "function_call") : null;
        }

        return null;
    }

    private static DialectProblem? ReadList(JsonElement list, string member, ChatRequest request, Func<JsonElement, ToolDefinition?> read)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return new DialectProblem($"'{member}' must be an array.", member);
        }

        var position = 0;
        foreach (var entry in list.EnumerateArray())
        {
            if (read(entry) is not { } tool)
            {
                return new DialectProblem($"'{member}[{position}]' has no type and name that make a tool.", $"{member}[{position}]");
            }

            request.Tools.Add(tool);
            position++;
        }

        return null;
    }

    private static ToolDefinition? ReadTool(JsonElement tool)
    {
        var type = tool.StringOf("type");
        if (type is null or "function")
        {
            return ReadFunction(tool.TryObject("function", out var function) ? function : tool, ReadCache(tool));
        }

        if (type == "custom" && tool.TryObject("custom", out var custom) && custom.StringOf("name") is { Length: > 0 } name)
        {
            return new ToolDefinition { Name = name, Description = custom.StringOf("description"), Kind = ToolKind.Custom, Raw = tool, Cache = ReadCache(tool) };
        }

        return new ToolDefinition { Name = tool.StringOf("name") ?? type, Kind = ToolKind.Hosted, Raw = tool };
    }

    private static ToolDefinition? ReadFunction(JsonElement function, CacheMarker? cache) =>
        function.StringOf("name") is not { Length: > 0 } name ? null : new ToolDefinition
        {
            Name = name, Description = function.StringOf("description"), Strict = function.BoolOf("strict"), Cache = cache,
            Parameters = function.TryObject("parameters", out var parameters) ? parameters : null,
        };

    /// <summary>The marker that OpenRouter and others take over from Anthropic.</summary>
    public static CacheMarker? ReadCache(JsonElement holder) =>
        holder.TryObject("cache_control", out var control) ? new CacheMarker(control.StringOf("ttl"))
        : holder.TryObject("prompt_cache_breakpoint", out _) ? new CacheMarker(null) : null;

    private static ToolChoice? ReadChoice(JsonElement choice)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "none" => new ToolChoice { Mode = ToolChoiceMode.None },
                "auto" => new ToolChoice { Mode = ToolChoiceMode.Auto },
                "required" or "any" => new ToolChoice { Mode = ToolChoiceMode.Required },
                _ => null,
            };
        }

        if (choice.TryObject("allowed_tools", out var allowed) || (choice.StringOf("type") == "allowed_tools" && choice.ValueKind == JsonValueKind.Object))
        {
            var holder = allowed.ValueKind == JsonValueKind.Object ? allowed : choice;
            var names = holder.TryArray("tools", out var tools) ? tools.EnumerateArray().Select(NameOf).OfType<string>().ToArray() : [];
            return new ToolChoice { Mode = holder.StringOf("mode") == "required" ? ToolChoiceMode.Required : ToolChoiceMode.Auto, Allowed = names };
        }

        return NameOf(choice) is { } name ? new ToolChoice { Mode = ToolChoiceMode.Named, Name = name } : null;
    }

    private static string? NameOf(JsonElement tool) =>
        tool.TryObject("function", out var function) ? function.StringOf("name")
        : tool.TryObject("custom", out var custom) ? custom.StringOf("name")
        : tool.StringOf("name");
}
