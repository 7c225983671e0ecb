using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Reads and writes tools and the choice among them.</summary>
internal static class AnthropicTools
{
    public static void Read(JsonElement tools, List<ToolDefinition> list)
    {
        foreach (var tool in tools.EnumerateArray())
        {
            var type = tool.StringOf("type");
            var hosted = type is not null and not "custom";
            list.Add(new ToolDefinition
            {
                Name = tool.StringOf("name") ?? type ?? "",
                Description = tool.StringOf("description"),
                Parameters = !hosted && tool.TryObject("input_schema", out var schema) ? schema : null,
                Strict = tool.BoolOf("strict"),
                Cache = AnthropicJson.ReadCache(tool),
                Kind = hosted ? ToolKind.Hosted : ToolKind.Function,
                Raw = tool.ValueKind == JsonValueKind.Object ? tool : null,
            });
        }
    }

    public static void ReadChoice(JsonElement choice, ChatRequest request)
    {
        request.ToolChoice = choice.StringOf("type") switch
        {
            "auto" => new ToolChoice { Mode = ToolChoiceMode.Auto },
            "any" => new ToolChoice { Mode = ToolChoiceMode.Required },
            "none" => new ToolChoice { Mode = ToolChoiceMode.None },
            "tool" when choice.StringOf("name") is { } name => new ToolChoice { Mode = ToolChoiceMode.Named, Name = name },
            _ => null,
        };
        request.ParallelToolCalls = !choice.BoolOf("disable_parallel_tool_use");
    }

    /// <summary>Writes one definition; false when this dialect has no form for it.</summary>
    public static bool TryWrite(Utf8JsonWriter writer, ToolDefinition tool, DialectId origin, ClaudeModel model)
    {
        if (origin == DialectId.Anthropic && tool.Raw is { } raw)
        {
            raw.WriteTo(writer);
            return true;
        }

        if (tool.Kind == ToolKind.Hosted)
        {
            return false;
        }

        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        if (!string.IsNullOrWhiteSpace(tool.Description))
        {
            writer.WriteString("description"u8, tool.Description);
        }

        writer.WritePropertyName("input_schema"u8);
        var strict = tool.Strict == true && model.TakesSchema && tool.Parameters is { } parameters && StructuredSchema.CanExpress(parameters);
        WriteSchema(writer, tool, strict);
        if (strict)
        {
            writer.WriteBoolean("strict"u8, true);
        }

        AnthropicJson.WriteCache(writer, tool.Cache);
        writer.WriteEndObject();
        return true;
    }

    /// <summary>Writes a definition of a tool that the history calls and the caller did not define again.</summary>
    public static void WriteForgotten(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WritePropertyName("input_schema"u8);
        WriteEmptySchema(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes the tool that stands for structured output.</summary>
    public static void WriteStructured(Utf8JsonWriter writer, ResponseFormat format)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, AnthropicJson.StructuredTool);
        writer.WriteString("description"u8, format.Description ?? "Takes the final answer, in the form asked for.");
        writer.WritePropertyName("input_schema"u8);
        WriteSchema(writer, new ToolDefinition { Name = AnthropicJson.StructuredTool, Parameters = format.Schema }, strict: false);
        writer.WriteEndObject();
    }

    /// <summary>Writes a tool's schema as the object schema it must be.</summary>
    public static void WriteSchema(Utf8JsonWriter writer, ToolDefinition tool, bool strict)
    {
        if (tool.Kind == ToolKind.Custom)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "object"u8);
            writer.WriteStartObject("properties"u8);
            writer.WriteStartObject(ToolArguments.FreeText);
            writer.WriteString("type"u8, "string"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartArray("required"u8);
            writer.WriteStringValue(ToolArguments.FreeText);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else if (tool.Parameters is not { ValueKind: JsonValueKind.Object } schema || !schema.EnumerateObject().Any())
        {
            WriteEmptySchema(writer);
        }
        else if (strict)
        {
            StructuredSchema.Write(writer, schema);
        }
        else if (schema.StringOf("type") is null)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "object"u8);
            foreach (var member in schema.EnumerateObject().Where(static m => !m.NameEquals("type"u8)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }
        else
        {
            schema.WriteTo(writer);
        }
    }

    private static void WriteEmptySchema(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("properties"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
