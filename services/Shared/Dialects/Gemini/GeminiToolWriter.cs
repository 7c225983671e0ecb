using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Writes <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GeminiToolWriter
{
    /// <summary>Writes both members, where there is anything to say.</summary>
    public static void Write(Utf8JsonWriter writer, ChatRequest request, DropList drops)
    {
        var functions = request.Tools.FindAll(static t => t.Kind != ToolKind.Hosted);
        var hosted = request.Tools.FindAll(t => t.Kind == ToolKind.Hosted && IsExpressible(t, request.Origin, functions.Count));
        foreach (var tool in request.Tools.Where(t => t.Kind == ToolKind.Hosted && !hosted.Contains(t)))
        {
            drops.Add($"{CallerNames.Of(request.Origin, "tools")}.{tool.Name}");
        }

        if (functions.Count + hosted.Count > 0)
        {
            writer.WriteStartArray("tools");
            WriteFunctions(writer, functions);
            foreach (var tool in hosted)
            {
                WriteHosted(writer, tool, request.Origin);
            }

            writer.WriteEndArray();
        }

        WriteConfig(writer, request, functions.Count > 0);
    }

    private static void WriteFunctions(Utf8JsonWriter writer, List<ToolDefinition> functions)
    {
        if (functions.Count == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations");
        foreach (var function in functions)
        {
            writer.WriteStartObject();
            writer.WriteString("name", function.Name);
            writer.WriteOptional("description", function.Description);
            if (function.Kind == ToolKind.Custom)
            {
                WriteFreeText(writer);
            }
            else if (function.Parameters is { } schema && !GeminiSchemaWriter.IsEmptyObject(schema))
            {
                if (GeminiSchemaWriter.TryConvert(schema, out var converted))
                {
                    writer.WriteElement("parameters", converted);
                }
                else
                {
                    writer.WritePropertyName("parametersJsonSchema");
                    WriteJsonSchema(writer, schema);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes a JSON Schema without the name of its own language, which the API does not know.</summary>
    internal static void WriteJsonSchema(Utf8JsonWriter writer, JsonElement schema)
    {
        if (schema.Member("$schema") is null)
        {
            schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var member in schema.EnumerateObject().Where(static m => m.Name != "$schema"))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    // A tool with free text becomes a function of one text; see ToolArguments for the way of its calls.
    private static void WriteFreeText(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("parameters");
        writer.WriteString("type", "OBJECT");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("input");
        writer.WriteString("type", "STRING");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("required");
        writer.WriteStringValue("input");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // A web search of the provider is one everywhere; but the API refuses it beside functions.
    private static bool IsExpressible(ToolDefinition tool, DialectId origin, int functions) =>
        (origin == DialectId.Gemini && tool.Raw is not null) || (functions == 0 && tool.Name.StartsWith("web_search", StringComparison.Ordinal));

    private static void WriteHosted(Utf8JsonWriter writer, ToolDefinition tool, DialectId origin)
    {
        if (origin == DialectId.Gemini && tool.Raw is { } raw)
        {
            raw.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteStartObject("googleSearch");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter writer, ChatRequest request, bool hasFunctions)
    {
        var beside = GeminiExtensions.ToolConfig(request, "toolConfig.");
        var within = GeminiExtensions.ToolConfig(request, "toolConfig.functionCallingConfig.");
        // Rules over functions are refused where there are none.
        var choice = hasFunctions ? request.ToolChoice : null;
        if (choice is null && beside.Count + within.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("toolConfig");
        if (choice is not null || within.Count > 0)
        {
            writer.WriteStartObject("functionCallingConfig");
            WriteChoice(writer, choice);
            within.ForEach(e => writer.WriteElement(e.Name, e.Value));
            writer.WriteEndObject();
        }

        beside.ForEach(e => writer.WriteElement(e.Name, e.Value));
        writer.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter writer, ToolChoice? choice)
    {
        if (choice is null)
        {
            return;
        }

        writer.WriteString("mode", choice.Mode switch
        {
            ToolChoiceMode.None => "NONE",
            ToolChoiceMode.Required or ToolChoiceMode.Named => "ANY",
            _ => choice.Allowed.Count > 0 ? "VALIDATED" : "AUTO",
        });
        var allowed = choice is { Mode: ToolChoiceMode.Named, Name: { } name } ? [name] : choice.Allowed;
        if (allowed.Count > 0 && choice.Mode != ToolChoiceMode.None)
        {
            writer.WriteStartArray("allowedFunctionNames");
            foreach (var function in allowed)
            {
                writer.WriteStringValue(function);
            }

            writer.WriteEndArray();
        }
    }
}
