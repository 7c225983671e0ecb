using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>
/// Writes a small value of the shape that a JSON schema asks for: constants, defaults, enumerations, formats, lengths and bounds are
/// kept; patterns and conditions are not. Bounded in depth and size whatever the schema says.
/// </summary>
internal sealed class SchemaExample
{
    private const int Deepest = 12;
    private const int MostValues = 2_000;
    private const int MostItems = 4;
    private const int LongestText = 200;
    private readonly JsonElement _root;
    private int _values;

    private SchemaExample(JsonElement root) => _root = root;

    /// <summary>The value as JSON; an empty object for no schema.</summary>
    public static string Write(JsonElement schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        if (schema.ValueKind == JsonValueKind.Object && !(schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.Null))
        {
            new SchemaExample(schema).Value(json, schema, "object", depth: 0);
        }
        else
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }

        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Value(Utf8JsonWriter json, JsonElement schema, string fallback, int depth)
    {
        schema = Resolve(schema);
        if (schema.ValueKind != JsonValueKind.Object)
        {
            json.WriteStringValue("demo"u8);
            return;
        }

        foreach (var key in (ReadOnlySpan<string>)["const", "default"])
        {
            if (schema.TryGetProperty(key, out var given))
            {
                given.WriteTo(json);
                return;
            }
        }

        if (schema.TryGetProperty("enum", out var names) && names.ValueKind == JsonValueKind.Array && names.GetArrayLength() > 0)
        {
            names[0].WriteTo(json);
            return;
        }

        switch (TypeOf(schema, fallback))
        {
            case "object":
                Object(json, schema, depth);
                break;
            case "array":
                Array(json, schema, depth);
                break;
            case "integer" or "number":
                json.WriteNumberValue(Number(schema));
                break;
            case "boolean":
                json.WriteBooleanValue(true);
                break;
            case "null":
                json.WriteNullValue();
                break;
            default:
                json.WriteStringValue(Text(schema));
                break;
        }
    }

    private void Object(Utf8JsonWriter json, JsonElement schema, int depth)
    {
        json.WriteStartObject();
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (depth >= Deepest || ++_values >= MostValues)
                {
                    break;
                }

                json.WritePropertyName(property.Name);
                Value(json, property.Value, "string", depth + 1);
            }
        }

        json.WriteEndObject();
    }

    private void Array(Utf8JsonWriter json, JsonElement schema, int depth)
    {
        json.WriteStartArray();
        var wanted = schema.TryGetProperty("minItems", out var min) && min.TryGetInt32OrNull() is { } least ? Math.Clamp(least, 1, MostItems) : 1;
        for (var i = 0; i < wanted && depth < Deepest && ++_values < MostValues; i++)
        {
            Value(json, schema.TryGetProperty("items", out var items) ? items : default, "string", depth + 1);
        }

        json.WriteEndArray();
    }

    private static decimal Number(JsonElement schema)
    {
        decimal? Bound(string name) => schema.TryGetProperty(name, out var bound) && bound.ValueKind == JsonValueKind.Number && bound.TryGetDecimal(out var value) ? value : null;
        var value = Bound("minimum") ?? (Bound("exclusiveMinimum") is { } above and < 1_000_000_000_000 ? decimal.Floor(above) + 1 : 1);
        var top = Bound("maximum") ?? (Bound("exclusiveMaximum") is { } below and > -1_000_000_000_000 ? decimal.Ceiling(below) - 1 : value);
        return Math.Min(decimal.Ceiling(value), top);
    }

    private static string Text(JsonElement schema)
    {
        var text = schema.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.String ? format.GetString() switch
        {
            "date" => "2030-01-31",
            "date-time" => "2030-01-31T12:00:00Z",
            "time" => "12:00:00Z",
            "email" => "demo@example.com",
            "uri" or "url" => "https://example.com/",
            "uuid" => "00000000-0000-4000-8000-000000000000",
            "ipv4" => "192.0.2.1",
            _ => "demo",
        }
        : "demo";
        var least = schema.TryGetProperty("minLength", out var min) ? min.TryGetInt32OrNull() ?? 0 : 0;
        text = text.PadRight(Math.Clamp(least, 0, LongestText), '.');
        var most = schema.TryGetProperty("maxLength", out var max) ? max.TryGetInt32OrNull() ?? text.Length : text.Length;
        return most >= 0 && most < text.Length ? text[..most] : text;
    }

    private static string TypeOf(JsonElement schema, string fallback)
    {
        if (schema.TryGetProperty("type", out var type))
        {
            if (type.ValueKind == JsonValueKind.String)
            {
                return type.GetString()!;
            }

            if (type.ValueKind == JsonValueKind.Array)
            {
                return type.EnumerateArray().Where(static t => t.ValueKind == JsonValueKind.String).Select(static t => t.GetString()!).FirstOrDefault(static t => t != "null") ?? "null";
            }
        }

        return schema.TryGetProperty("properties", out _) ? "object" : schema.TryGetProperty("items", out _) ? "array" : fallback;
    }

    /// <summary>Follows references inside the schema and takes the first of several alternatives.</summary>
    private JsonElement Resolve(JsonElement schema)
    {
        for (var step = 0; step < Deepest && schema.ValueKind == JsonValueKind.Object; step++)
        {
            if (schema.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String)
            {
                schema = Follow(reference.GetString()!);
            }
            else if ((First(schema, "anyOf") ?? First(schema, "oneOf") ?? First(schema, "allOf")) is { } first)
            {
                schema = first;
            }
            else
            {
                break;
            }
        }

        return schema;
    }

    private JsonElement Follow(string reference)
    {
        var target = _root;
        foreach (var part in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out target))
            {
                return default;
            }
        }

        return target;
    }

    private static JsonElement? First(JsonElement schema, string key)
        => schema.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 ? list[0] : null;
}

/// <summary>Reading numbers that may be anything.</summary>
internal static class JsonElementNumbers
{
    public static int? TryGetInt32OrNull(this JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) ? value : null;
}
