using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI.Compatible;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes tools and the choice among them.</summary>
internal static class OpenAIToolWriter
{
    public static void Write(RequestBody writer, ChatRequest request, ProviderQuirks quirks, DropList drops)
    {
        var tools = request.Tools.FindAll(tool => CanWrite(tool, request.Origin, drops));
        if (request.ToolChoice is { Allowed.Count: > 0 } limited && !quirks.AllowedTools)
        {
            // The same limit, said with the list itself.
            tools.RemoveAll(tool => !limited.Allowed.Contains(tool.Name, StringComparer.Ordinal));
        }

        if (tools.Count == 0)
        {
            return;
        }

        if (writer.Begin("tools"))
        {
            writer.Json.WriteStartArray();
            foreach (var tool in tools)
            {
                WriteTool(writer.Json, tool, request.Origin, quirks, drops);
            }

            writer.Json.WriteEndArray();
        }

        if (request.ToolChoice is { } choice && writer.Begin("tool_choice"))
        {
            WriteChoice(writer.Json, choice, tools, quirks);
        }

        writer.Bool("parallel_tool_calls", request.ParallelToolCalls);
    }

    private static bool CanWrite(ToolDefinition tool, DialectId origin, DropList drops)
    {
        if (tool.Kind != ToolKind.Hosted || origin == DialectId.OpenAIChat)
        {
            return true;
        }

        drops.Add($"tools.{tool.Name}");
        return false;
    }

    private static void WriteTool(Utf8JsonWriter json, ToolDefinition tool, DialectId origin, ProviderQuirks quirks, DropList drops)
    {
        if (tool.Kind == ToolKind.Hosted || (tool is { Kind: ToolKind.Custom, Raw: not null } && origin == DialectId.OpenAIChat))
        {
            tool.Raw!.Value.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, tool.Kind == ToolKind.Custom ? "custom"u8 : "function"u8);
        json.WriteStartObject(tool.Kind == ToolKind.Custom ? "custom"u8 : "function"u8);
        json.WriteString("name"u8, tool.Name);
        json.WriteOptional("description", tool.Description);
        if (tool.Kind == ToolKind.Custom)
        {
            WriteGrammar(json, tool.Raw);
        }
        else
        {
            if (tool.Parameters is { } parameters)
            {
                json.WriteElement("parameters", parameters);
            }

            json.WriteOptional("strict", StrictSchema.Of(tool.Strict, tool.Parameters, origin, out var isLost));
            drops.AddIf(isLost, $"{CallerNames.Of(origin, "tools")}.{tool.Name}.strict");
        }

        json.WriteEndObject();
        if (quirks.CacheControl)
        {
            WriteCache(json, tool.Cache);
        }

        json.WriteEndObject();
    }

    /// <summary>Takes the format of a custom tool over from the responses form, which has it one level higher and the grammar flat.</summary>
    private static void WriteGrammar(Utf8JsonWriter json, JsonElement? raw)
    {
        if (raw is not { } tool || !tool.TryObject("format", out var format) || format.StringOf("type") is not { } type)
        {
            return;
        }

        json.WriteStartObject("format"u8);
        json.WriteString("type"u8, type);
        if (type == "grammar")
        {
            json.WriteStartObject("grammar"u8);
            json.WriteOptional("syntax", format.StringOf("syntax"));
            json.WriteOptional("definition", format.StringOf("definition"));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, ToolChoice choice, List<ToolDefinition> tools, ProviderQuirks quirks)
    {
        if (choice.Allowed.Count > 0 && quirks.AllowedTools && choice.Mode is (ToolChoiceMode.Auto or ToolChoiceMode.Required))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "allowed_tools"u8);
            json.WriteStartObject("allowed_tools"u8);
            json.WriteString("mode"u8, choice.Mode == ToolChoiceMode.Required ? "required"u8 : "auto"u8);
            json.WriteStartArray("tools"u8);
            foreach (var name in choice.Allowed)
            {
                WriteName(json, name, tools);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            return;
        }

        switch (choice.Mode)
        {
            case ToolChoiceMode.None:
                json.WriteStringValue("none"u8);
                break;
            case ToolChoiceMode.Required:
                json.WriteStringValue(quirks.RequiredWord);
                break;
            case ToolChoiceMode.Named when choice.Name is not null:
                WriteName(json, choice.Name, tools);
                break;
            default:
                json.WriteStringValue("auto"u8);
                break;
        }
    }

    private static void WriteName(Utf8JsonWriter json, string name, List<ToolDefinition> tools)
    {
        var kind = tools.Exists(tool => tool.Kind == ToolKind.Custom && tool.Name == name) ? "custom" : "function";
        json.WriteStartObject();
        json.WriteString("type"u8, kind);
        json.WriteStartObject(kind);
        json.WriteString("name"u8, name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes a cache marker for providers who hand it on.</summary>
    public static void WriteCache(Utf8JsonWriter json, CacheMarker? cache)
    {
        if (cache is null)
        {
            return;
        }

        json.WriteStartObject("cache_control"u8);
        json.WriteString("type"u8, "ephemeral"u8);
        json.WriteOptional("ttl", cache.Ttl);
        json.WriteEndObject();
    }
}
