using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Turns JSON Schema into Gemini's <c>Schema</c>, which every model takes, where that can say it: references are put in place, alternatives with null
/// become <c>nullable</c>, what only tightens the schema beyond the API's words is left out. Recursive, open and tuple schemas cannot be said; they are to be sent
/// as JSON Schema, which newer models take.
/// </summary>
internal sealed class GeminiSchemaWriter
{
    private const int MaxDepth = 48;
    private const int MaxNodes = 4000;

    private readonly JsonElement _root;
    private readonly Utf8JsonWriter _writer;
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _nodes;

    private GeminiSchemaWriter(JsonElement root, Utf8JsonWriter writer)
    {
        _root = root;
        _writer = writer;
    }

    /// <summary>Converts <paramref name="schema"/>.</summary>
    /// <returns>False when Gemini's form cannot say it.</returns>
    public static bool TryConvert(JsonElement schema, out JsonElement converted)
    {
        converted = default;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = JsonOutput.Create(buffer))
        {
            if (!new GeminiSchemaWriter(schema, writer).Write(schema, nullable: false, description: null, depth: 0))
            {
                return false;
            }
        }

        converted = JsonElements.Parse(buffer.WrittenSpan);
        return true;
    }

    /// <summary>True for the schema of an object that has no members: a function without parameters.</summary>
    public static bool IsEmptyObject(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.StringOf("type") is null or "object" or "OBJECT"
        && (schema.Member("properties") is not { } properties || !properties.Members().Any())
        && schema.Member("additionalProperties") is not { ValueKind: JsonValueKind.Object or JsonValueKind.True }
        && !schema.Members().Any(static m => m.Name is "anyOf" or "oneOf" or "allOf" or "$ref" or "patternProperties");

    private bool Write(JsonElement schema, bool nullable, string? description, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth || ++_nodes > MaxNodes)
        {
            return false;
        }

        description = schema.StringOf("description") ?? description;
        if (schema.StringOf("$ref") is { } reference)
        {
            if (Resolve(reference) is not { } target || !_open.Add(reference))
            {
                return false;
            }

            var written = Write(target, nullable || IsNullable(schema), description, depth + 1);
            _open.Remove(reference);
            return written;
        }

        if (schema.Members().Any(static m => m.Name is "patternProperties" or "not" or "if" or "prefixItems" or "dependentSchemas" or "contains" or "allOf" or "$dynamicRef"))
        {
            return schema.Member("allOf") is { ValueKind: JsonValueKind.Array } all && all.GetArrayLength() == 1 && schema.Members().All(static m => m.Name is "allOf" or "description" or "title" or "default")
                && Write(all[0], nullable, description, depth + 1);
        }

        nullable |= IsNullable(schema);
        var types = Types(schema, ref nullable);
        if (Alternatives(schema, ref nullable) is { } alternatives)
        {
            // The API takes no other member beside anyOf, so what belongs to all is said in each.
            return types.Count <= 1 && !schema.Members().Any(static m => m.Name is "properties" or "items" or "enum" or "const") && WriteAnyOf(alternatives, nullable, description, depth);
        }

        return types.Count switch
        {
            1 => WriteTyped(schema, types[0], nullable, description, depth),
            0 => false,
            _ => WriteTypes(schema, types, nullable, description, depth),
        };
    }

    private bool WriteAnyOf(List<JsonElement> alternatives, bool nullable, string? description, int depth)
    {
        if (alternatives.Count == 1)
        {
            return Write(alternatives[0], nullable, description, depth + 1);
        }

        _writer.WriteStartObject();
        _writer.WriteStartArray("anyOf");
        foreach (var alternative in alternatives)
        {
            if (!Write(alternative, nullable, description, depth + 1))
            {
                return false;
            }
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
        return alternatives.Count > 0;
    }

    private bool WriteTypes(JsonElement schema, List<string> types, bool nullable, string? description, int depth)
    {
        _writer.WriteStartObject();
        _writer.WriteStartArray("anyOf");
        foreach (var type in types)
        {
            if (!WriteTyped(schema, type, nullable, description, depth))
            {
                return false;
            }
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
        return true;
    }

    private bool WriteTyped(JsonElement schema, string type, bool nullable, string? description, int depth)
    {
        if (type == "array" && schema.Member("items") is not { ValueKind: JsonValueKind.Object }
            || type == "object" && schema.Member("additionalProperties") is { ValueKind: JsonValueKind.Object }
            || type is not ("string" or "number" or "integer" or "boolean" or "array" or "object"))
        {
            return false;
        }

        _writer.WriteStartObject();
        _writer.WriteString("type", type.ToUpperInvariant());
        WriteEnum(schema, type, ref description);
        _writer.WriteOptional("description", description);
        if (nullable)
        {
            _writer.WriteBoolean("nullable", true);
        }

        foreach (var member in schema.EnumerateObject())
        {
            var fits = member.Name switch
            {
                "title" or "default" => true,
                "format" => member.Value.Text() is { } format && (type, format) is ("string", "date-time") or ("number", "float" or "double") or ("integer", "int32" or "int64"),
                "pattern" or "minLength" or "maxLength" => type == "string",
                "minimum" or "maximum" => type is "number" or "integer",
                "minItems" or "maxItems" => type == "array",
                "minProperties" or "maxProperties" => type == "object",
                _ => false,
            };
            if (fits && member.Value.ValueKind != JsonValueKind.Null)
            {
                _writer.WriteElement(member.Name, member.Value);
            }
        }

        if ((type == "array" && !WriteItems(schema, depth)) || (type == "object" && !WriteProperties(schema, depth)))
        {
            return false;
        }

        _writer.WriteEndObject();
        return true;
    }

    private bool WriteItems(JsonElement schema, int depth)
    {
        _writer.WritePropertyName("items");
        return Write(schema.GetProperty("items"), nullable: false, description: null, depth + 1);
    }

    private bool WriteProperties(JsonElement schema, int depth)
    {
        if (schema.Member("properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            return true;
        }

        _writer.WriteStartObject("properties");
        foreach (var property in properties.EnumerateObject())
        {
            _writer.WritePropertyName(property.Name);
            if (!Write(property.Value, nullable: false, description: null, depth + 1))
            {
                return false;
            }
        }

        _writer.WriteEndObject();
        // A name that is no property is refused by the API.
        var required = schema.Member("required")?.Items().Where(r => r.Text() is { } name && properties.TryGetProperty(name, out _)).ToList();
        if (required is { Count: > 0 })
        {
            _writer.WriteStartArray("required");
            required.ForEach(r => r.WriteTo(_writer));
            _writer.WriteEndArray();
        }

        return true;
    }

    private void WriteEnum(JsonElement schema, string type, ref string? description)
    {
        var values = schema.Member("const") is { } only ? [only] : schema.Member("enum")?.Items().Where(static v => v.ValueKind != JsonValueKind.Null).ToList();
        if (values is null or { Count: 0 })
        {
            return;
        }

        if (type != "string")
        {
            // Enumerations of anything but strings are refused; the model is told in words instead.
            description = $"{(description is null ? "" : description + " ")}One of: {string.Join(", ", values.Select(static v => v.GetRawText()))}.";
            return;
        }

        var names = values.Select(static v => v.Text()).Where(static v => v is { Length: > 0 }).ToList();
        if (names.Count == 0)
        {
            return;
        }

        _writer.WriteStartArray("enum");
        names.ForEach(_writer.WriteStringValue);
        _writer.WriteEndArray();
    }

    private static bool IsNullable(JsonElement schema) => schema.BoolOf("nullable") == true || schema.Member("enum")?.Items().Any(static v => v.ValueKind == JsonValueKind.Null) == true;

    private static List<string> Types(JsonElement schema, ref bool nullable)
    {
        var types = schema.Member("type")?.ItemsOrSelf().Select(static t => t.Text()?.ToLowerInvariant()).OfType<string>().Distinct().ToList() ?? [];
        nullable |= types.Remove("null");
        if (types.Count > 0 || schema.Member("type") is not null)
        {
            return types;
        }

        if (schema.Member("properties") is not null)
        {
            return ["object"];
        }

        if (schema.Member("items") is not null)
        {
            return ["array"];
        }

        var values = schema.Member("const") is { } only ? [only] : schema.Member("enum")?.Items().ToList() ?? [];
        return values.Count > 0 && values.TrueForAll(static v => v.ValueKind is JsonValueKind.String or JsonValueKind.Null) ? ["string"] : types;
    }

    private static List<JsonElement>? Alternatives(JsonElement schema, ref bool nullable)
    {
        if (schema.Member("anyOf", "oneOf") is not { ValueKind: JsonValueKind.Array } array)
        {
            return null;
        }

        var alternatives = new List<JsonElement>();
        foreach (var alternative in array.EnumerateArray())
        {
            if (alternative.StringOf("type") is "null" or "NULL")
            {
                nullable = true;
            }
            else
            {
                alternatives.Add(alternative);
            }
        }

        return alternatives;
    }

    private JsonElement? Resolve(string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        var at = _root;
        foreach (var step in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.Member(name) is not { } next)
            {
                return null;
            }

            at = next;
        }

        return at;
    }
}
