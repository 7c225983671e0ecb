using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Turns Gemini's <c>Schema</c> (a part of OpenAPI's: types in capitals, <c>nullable</c>, 64-bit numbers as strings) into JSON Schema.
/// </summary>
internal static class GeminiSchemaReader
{
    private const int MaxDepth = 64;

    /// <summary>The same as JSON Schema.</summary>
    public static JsonElement ToJsonSchema(JsonElement schema) => JsonElements.Build(schema, static (writer, source) => Write(writer, source, 0));

    private static void Write(Utf8JsonWriter writer, JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            writer.WriteStartObject();
            writer.WriteEndObject();
            return;
        }

        var nullable = schema.BoolOf("nullable") == true;
        writer.WriteStartObject();
        foreach (var (name, value) in schema.CamelMembers())
        {
            switch (name)
            {
                case "type":
                    WriteType(writer, value, nullable);
                    break;
                case "nullable" or "propertyOrdering":
                    break;
                case "format" when value.Text() == "enum":
                    break;
                case "enum" when value.ValueKind == JsonValueKind.Array:
                    WriteEnum(writer, value, nullable);
                    break;
                case "properties" or "$defs" or "definitions" when value.ValueKind == JsonValueKind.Object:
                    writer.WriteStartObject(name);
                    foreach (var member in value.EnumerateObject())
                    {
                        writer.WritePropertyName(member.Name);
                        Write(writer, member.Value, depth + 1);
                    }

                    writer.WriteEndObject();
                    break;
                case "items" or "additionalProperties" when value.ValueKind == JsonValueKind.Object:
                    writer.WritePropertyName(name);
                    Write(writer, value, depth + 1);
                    break;
                case "anyOf" or "oneOf" or "allOf" or "prefixItems" when value.ValueKind == JsonValueKind.Array:
                    writer.WriteStartArray(name);
                    foreach (var item in value.EnumerateArray())
                    {
                        Write(writer, item, depth + 1);
                    }

                    if (nullable && name == "anyOf" && schema.Member("type") is null)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("type", "null");
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                    break;
                case "minItems" or "maxItems" or "minLength" or "maxLength" or "minProperties" or "maxProperties" when value.Whole() is { } whole:
                    writer.WriteNumber(name, whole);
                    break;
                case "example":
                    writer.WriteStartArray("examples");
                    value.WriteTo(writer);
                    writer.WriteEndArray();
                    break;
                case "ref" or "defs":
                    writer.WriteElement('$' + name, value);
                    break;
                default:
                    writer.WriteElement(name, value);
                    break;
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter writer, JsonElement type, bool nullable)
    {
        if (type.Text() is not { } word)
        {
            writer.WriteElement("type", type);
        }
        else if (word.Equals("TYPE_UNSPECIFIED", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }
        else if (nullable)
        {
            writer.WriteStartArray("type");
            writer.WriteStringValue(word.ToLowerInvariant());
            writer.WriteStringValue("null");
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteString("type", word.ToLowerInvariant());
        }
    }

    private static void WriteEnum(Utf8JsonWriter writer, JsonElement values, bool nullable)
    {
        writer.WriteStartArray("enum");
        foreach (var value in values.EnumerateArray())
        {
            value.WriteTo(writer);
        }

        if (nullable)
        {
            writer.WriteNullValue();
        }

        writer.WriteEndArray();
    }
}
