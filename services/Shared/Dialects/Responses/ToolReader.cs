using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Reads tools and the choice among them.</summary>
internal static class ToolReader
{
    /// <summary>Reads one tool.</summary>
    public static DialectProblem? Read(JsonElement tool, int index, out ToolDefinition definition)
    {
        definition = null!;
        var type = tool.StringOf("type");
        if (type is null)
        {
            return new DialectProblem("A tool must be an object with a type.", $"tools[{index}].type");
        }

        if (type is not ("function" or "custom"))
        {
            definition = new ToolDefinition { Name = type, Kind = ToolKind.Hosted, Raw = tool };
            return null;
        }

        // Some clients nest the function as chat completions do.
        var body = tool.TryObject(type, out var nested) ? nested : tool;
        if (body.StringOf("name") is not { Length: > 0 } name)
        {
            return new DialectProblem($"A tool of type {type} must have a name.", $"tools[{index}].name");
        }

        definition = new ToolDefinition
        {
            Name = name,
            Description = body.StringOf("description"),
            Kind = type == "custom" ? ToolKind.Custom : ToolKind.Function,
            Parameters = type == "function" && body.TryObject("parameters", out var parameters) ? parameters : null,
            Strict = body.BoolOf("strict"),
            Raw = type == "custom" ? tool : null,
        };
        return null;
    }

    /// <summary>Reads the choice; null when it says nothing that can be understood.</summary>
    public static ToolChoice? ReadChoice(JsonElement choice)
    {
        if (choice.ValueKind == JsonValueKind.String)
        {
            return Mode(choice.GetString()) is { } mode ? new ToolChoice { Mode = mode } : null;
        }

        switch (choice.StringOf("type"))
        {
            case null:
                return null;
            case "function" or "custom":
                var name = choice.StringOf("name") ?? (choice.TryObject("function", out var nested) ? nested.StringOf("name") : null);
                return name is null ? null : new ToolChoice { Mode = ToolChoiceMode.Named, Name = name };
            case "allowed_tools":
                var allowed = choice.TryArray("tools", out var tools)
                    ? tools.EnumerateArray().Select(static t => t.StringOf("name") ?? t.StringOf("type")).OfType<string>().ToList() : [];
                return new ToolChoice { Mode = Mode(choice.StringOf("mode")) ?? ToolChoiceMode.Auto, Allowed = allowed };
            case var word:
                return Mode(word) is { } named ? new ToolChoice { Mode = named } : new ToolChoice { Mode = ToolChoiceMode.Named, Name = word };
        }
    }

    private static ToolChoiceMode? Mode(string? word) => word switch
    {
        "auto" => ToolChoiceMode.Auto,
        "none" => ToolChoiceMode.None,
        "required" or "any" => ToolChoiceMode.Required,
        _ => null,
    };
}
