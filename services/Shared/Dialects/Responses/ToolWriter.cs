using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Writes tools and the choice among them.</summary>
internal static class ToolWriter
{
    /// <summary>Writes one tool as a value.</summary>
    /// <returns>False, with nothing written, for a tool that only another dialect knows.</returns>
    public static bool TryWrite(Utf8JsonWriter json, ToolDefinition tool, DialectId origin)
    {
        if (tool.Kind == ToolKind.Hosted)
        {
            if (origin != DialectId.OpenAIResponses || tool.Raw is not { } raw)
            {
                return false;
            }

            raw.WriteTo(json);
            return true;
        }

        if (tool.Kind == ToolKind.Custom && origin == DialectId.OpenAIResponses && tool.Raw is { } custom)
        {
            custom.WriteTo(json);
            return true;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, tool.Kind == ToolKind.Custom ? "custom"u8 : "function"u8);
        json.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
        {
            json.WriteString("description"u8, tool.Description);
        }

        if (tool.Kind == ToolKind.Custom)
        {
            WriteCustomFormat(json, tool);
        }
        else
        {
            WriteParameters(json, tool, origin);
        }

        json.WriteEndObject();
        return true;
    }

    /// <summary>Writes the choice as a value.</summary>
    public static void WriteChoice(Utf8JsonWriter json, ToolChoice choice, IReadOnlyList<ToolDefinition> tools)
    {
        if (choice.Mode == ToolChoiceMode.Named && choice.Name is not null)
        {
            WriteReference(json, choice.Name, tools);
        }
        else if (choice.Allowed.Count > 0 && choice.Mode != ToolChoiceMode.None)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "allowed_tools"u8);
            json.WriteString("mode"u8, choice.Mode == ToolChoiceMode.Auto ? "auto"u8 : "required"u8);
            json.WriteStartArray("tools"u8);
            foreach (var name in choice.Allowed)
            {
                WriteReference(json, name, tools);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
        else
        {
            json.WriteStringValue(choice.Mode switch
            {
                ToolChoiceMode.None => "none"u8,
                ToolChoiceMode.Auto => "auto"u8,
                _ => "required"u8,
            });
        }
    }

    private static void WriteReference(Utf8JsonWriter json, string name, IReadOnlyList<ToolDefinition> tools)
    {
        // Hosted tools go by several names (web_search, web_search_preview); a function goes by its own only.
        var kind = tools.FirstOrDefault(t => t.Name == name)?.Kind ?? (tools.Any(static t => t.Kind == ToolKind.Hosted) ? ToolKind.Hosted : ToolKind.Function);
        json.WriteStartObject();
        if (kind == ToolKind.Hosted)
        {
            json.WriteString("type"u8, name);
        }
        else
        {
            json.WriteString("type"u8, kind == ToolKind.Custom ? "custom"u8 : "function"u8);
            json.WriteString("name"u8, name);
        }

        json.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter json, ToolDefinition tool, DialectId origin)
    {
        json.WritePropertyName("parameters"u8);
        if (tool.Parameters is { ValueKind: JsonValueKind.Object } parameters)
        {
            parameters.WriteTo(json);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "object"u8);
            json.WriteStartObject("properties"u8);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        // This dialect is strict unless told otherwise, which most schemas written for another one do not survive.
        if (StrictSchema.Of(tool.Strict, tool.Parameters, origin, out _) is { } strict)
        {
            json.WriteBoolean("strict"u8, strict);
        }
        else if (origin != DialectId.OpenAIResponses)
        {
            json.WriteBoolean("strict"u8, false);
        }
        else
        {
            json.WriteNull("strict"u8);
        }
    }

    /// <summary>Chat completions nest what this dialect has flat.</summary>
    private static void WriteCustomFormat(Utf8JsonWriter json, ToolDefinition tool)
    {
        if (tool.Raw is not { } raw || !raw.TryObject("custom", out var custom) || !custom.TryObject("format", out var format))
        {
            return;
        }

        json.WritePropertyName("format"u8);
        if (!format.TryObject("grammar", out var grammar))
        {
            format.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "grammar"u8);
        foreach (var member in grammar.EnumerateObject())
        {
            member.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
