using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Reads and writes tools and the choice among them.</summary>
internal static class BedrockTools
{
    public static void Read(JsonElement config, ChatRequest request)
    {
        if (config.TryArray("tools", out var tools))
        {
            var list = tools.EnumerateArray().ToList();
            for (var i = 0; i < list.Count; i++)
            {
                var cache = i + 1 < list.Count && list[i + 1].TryObject("cachePoint", out var point) ? BedrockContentReader.Marker(point) : null;
                ReadTool(list[i], cache, request.Tools);
            }
        }

        if (config.TryObject("toolChoice", out var choice))
        {
            request.ToolChoice = choice.TryMember("any", out _) ? new ToolChoice { Mode = ToolChoiceMode.Required }
                : choice.TryObject("tool", out var named) && named.StringOf("name") is { } name ? new ToolChoice { Mode = ToolChoiceMode.Named, Name = name }
                : choice.TryMember("auto", out _) ? new ToolChoice { Mode = ToolChoiceMode.Auto } : null;
        }
    }

    public static void Write(Utf8JsonWriter writer, ToolDefinition tool, bool strict)
    {
        WriteSpec(writer, tool.Name, tool.Description, strict, () => AnthropicTools.WriteSchema(writer, tool, strict));
    }

    /// <summary>Writes a definition that stands for a tool the history calls, or for structured output.</summary>
    public static void Write(Utf8JsonWriter writer, string name, string? description, JsonElement? schema) =>
        WriteSpec(writer, name, description, strict: false, () => AnthropicTools.WriteSchema(writer, new ToolDefinition { Name = name, Parameters = schema }, strict: false));

    private static void WriteSpec(Utf8JsonWriter writer, string name, string? description, bool strict, Action schema)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolSpec"u8);
        writer.WriteString("name"u8, name);
        if (!string.IsNullOrWhiteSpace(description))
        {
            writer.WriteString("description"u8, description);
        }

        writer.WriteStartObject("inputSchema"u8);
        writer.WritePropertyName("json"u8);
        schema();
        writer.WriteEndObject();
        if (strict)
        {
            writer.WriteBoolean("strict"u8, true);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void ReadTool(JsonElement tool, CacheMarker? cache, List<ToolDefinition> tools)
    {
        if (tool.TryObject("toolSpec", out var spec))
        {
            tools.Add(new ToolDefinition
            {
                Name = spec.StringOf("name") ?? "",
                Description = spec.StringOf("description"),
                Parameters = spec.TryObject("inputSchema", out var schema) && schema.TryObject("json", out var json) ? json : null,
                Strict = spec.BoolOf("strict"),
                Cache = cache,
            });
        }
        else if (tool.TryObject("systemTool", out var system))
        {
            tools.Add(new ToolDefinition { Name = system.StringOf("name") ?? "systemTool", Kind = ToolKind.Hosted, Raw = tool, Cache = cache });
        }
    }
}
