using System.Text;
using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>
/// Fits a JSON Schema to the subset that Claude's structured output accepts: objects are closed, and constraints it refuses (ranges, lengths, patterns) go into
/// the description, where the model still sees them.
/// </summary>
internal static class StructuredSchema
{
    private static readonly HashSet<string> _kept = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$ref", "$defs", "definitions", "type", "properties", "required", "items", "additionalProperties", "anyOf", "allOf", "description", "title",
        "default", "enum", "const", "nullable",
    };

    private static readonly HashSet<string> _formats = new(StringComparer.Ordinal)
    {
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    };

    /// <summary>True when the subset can express the schema: it has no open objects (maps, free-form JSON) and does not refer to itself as a whole.</summary>
    public static bool CanExpress(JsonElement schema)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.Array:
                return schema.EnumerateArray().All(CanExpress);
            case JsonValueKind.Object:
                var open = schema.TryMember("additionalProperties", out var more) ? more.ValueKind != JsonValueKind.False
                    : schema.TryMember("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8) && !schema.TryObject("properties", out _);
                return !open && schema.StringOf("$ref") != "#" && schema.EnumerateObject().All(static m => m.Name switch
                {
                    "properties" or "$defs" or "definitions" => m.Value.ValueKind != JsonValueKind.Object || m.Value.EnumerateObject().All(static p => CanExpress(p.Value)),
                    "items" or "anyOf" or "oneOf" or "allOf" => CanExpress(m.Value),
                    _ => true,
                });
            default:
                return true;
        }
    }

    /// <summary>Writes the schema, fitted.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        StringBuilder? notes = null;
        foreach (var member in schema.EnumerateObject())
        {
            if (IsKept(member))
            {
                if (!member.NameEquals("description"u8))
                {
                    WriteMember(writer, member);
                }
            }
            else if (member.NameEquals("oneOf"u8))
            {
                writer.WritePropertyName("anyOf"u8);
                WriteAll(writer, member.Value);
            }
            else if (!member.NameEquals("strict"u8) && !member.NameEquals("examples"u8))
            {
                notes = notes is null ? new StringBuilder() : notes.Append(", ");
                notes.Append(member.Name).Append(": ").Append(member.Value.GetRawText());
            }
        }

        WriteDescription(writer, schema.StringOf("description"), notes);
        if (IsObject(schema))
        {
            writer.WriteBoolean("additionalProperties"u8, false);
        }

        writer.WriteEndObject();
    }

    private static bool IsKept(JsonProperty member) => member.Name switch
    {
        "format" => member.Value.ValueKind == JsonValueKind.String && _formats.Contains(member.Value.GetString()!),
        "minItems" => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var least) && least is 0 or 1,
        _ => _kept.Contains(member.Name),
    };

    private static bool IsObject(JsonElement schema) =>
        schema.TryMember("properties", out _) || (schema.TryMember("type", out var type)
            && (type.ValueKind == JsonValueKind.String ? type.ValueEquals("object"u8)
                : type.ValueKind == JsonValueKind.Array && type.EnumerateArray().Any(static t => t.ValueKind == JsonValueKind.String && t.ValueEquals("object"u8))));

    private static void WriteMember(Utf8JsonWriter writer, JsonProperty member)
    {
        switch (member.Name)
        {
            case "additionalProperties":
                break;
            case "properties" or "$defs" or "definitions" when member.Value.ValueKind == JsonValueKind.Object:
                writer.WriteStartObject(member.Name);
                foreach (var property in member.Value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case "items":
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value);
                break;
            case "anyOf" or "allOf":
                writer.WritePropertyName(member.Name);
                WriteAll(writer, member.Value);
                break;
            default:
                member.WriteTo(writer);
                break;
        }
    }

    private static void WriteAll(Utf8JsonWriter writer, JsonElement schemas)
    {
        if (schemas.ValueKind != JsonValueKind.Array)
        {
            schemas.WriteTo(writer);
            return;
        }

        writer.WriteStartArray();
        foreach (var schema in schemas.EnumerateArray())
        {
            Write(writer, schema);
        }

        writer.WriteEndArray();
    }

    private static void WriteDescription(Utf8JsonWriter writer, string? description, StringBuilder? notes)
    {
        if (notes is not null)
        {
            description = description is null ? $"({notes})" : $"{description} ({notes})";
        }

        writer.WriteOptional("description", description);
    }
}
