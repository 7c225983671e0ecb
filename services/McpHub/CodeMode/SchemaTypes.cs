using System.Text;
using System.Text.Json;

namespace Gateway.McpHub.CodeMode;

/// <summary>
/// Writes JSON schemas as types, in the notation of programs: <c>str</c>, <c>list[int]</c>, <c>{name: str, age?: int}</c>, <c>"open" | "closed"</c>. What a type cannot say is left out; what is nested too deeply, or
/// in itself, is <c>any</c>.
/// </summary>
internal sealed class SchemaTypes(JsonElement root)
{
    private const int MostDepth = 4;
    private const int MostChoices = 16;
    private const int MostMembers = 30;
    private const int LongestLiteral = 60;

    /// <summary>The type of a schema within the document.</summary>
    public string Of(JsonElement schema) => Of(schema, 0);

    /// <summary>The schema itself, where it is one that points to another of the document.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; hops < MostDepth && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String; hops++)
        {
            if (Find(reference.GetString()!) is not { } found)
            {
                return default;
            }

            schema = found;
        }

        return schema;
    }

    private string Of(JsonElement given, int depth)
    {
        var schema = Resolve(given);
        if (schema.ValueKind != JsonValueKind.Object || depth > MostDepth)
        {
            return "any";
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return Literal(constant) ?? "any";
        }

        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array && Literals(choices) is { } literals)
        {
            return literals;
        }

        foreach (var name in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(name, out var several) && several.ValueKind == JsonValueKind.Array && several.GetArrayLength() > 0)
            {
                return Union(several.EnumerateArray().Take(MostChoices).Select(s => Of(s, depth + 1)));
            }
        }

        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array && all.GetArrayLength() == 1)
        {
            return Of(all[0], depth + 1);
        }

        return schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.Array
            ? Union(type.EnumerateArray().Select(t => Plain(schema, t.ValueKind == JsonValueKind.String ? t.GetString() : null, depth)))
            : Plain(schema, type.ValueKind == JsonValueKind.String ? type.GetString() : null, depth);
    }

    private string Plain(JsonElement schema, string? type, int depth) => type switch
    {
        "string" => "str",
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        "null" => "None",
        "array" => schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Object ? $"list[{Of(items, depth + 1)}]" : "list",
        "object" => Object(schema, depth),
        null when schema.TryGetProperty("properties", out _) => Object(schema, depth),
        _ => "any",
    };

    private string Object(JsonElement schema, int depth)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object || !properties.EnumerateObject().Any())
        {
            return schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.Object && Of(more, depth + 1) is var value and not "any" ? $"dict[str, {value}]" : "dict";
        }

        var required = Required(schema);
        var text = new StringBuilder("{");
        var count = 0;
        foreach (var property in properties.EnumerateObject())
        {
            text.Append(count == 0 ? "" : ", ");
            if (count++ == MostMembers)
            {
                text.Append('…');
                break;
            }

            text.Append(property.Name).Append(required.Contains(property.Name) ? ": " : "?: ").Append(Of(property.Value, depth + 1));
        }

        return text.Append('}').ToString();
    }

    /// <summary>The names that an object must have.</summary>
    public static HashSet<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(static n => n.ValueKind == JsonValueKind.String).Select(static n => n.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];

    /// <summary>A value as a program writes it; null for one that is too long to be worth it.</summary>
    public static string? Literal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        _ => value.GetRawText() is { Length: <= LongestLiteral } text ? text : null,
    };

    private static string? Literals(JsonElement choices)
    {
        var texts = choices.EnumerateArray().Take(MostChoices + 1).Select(Literal).ToList();
        return texts.Count is 0 or > MostChoices || texts.Contains(null) ? null : string.Join(" | ", texts);
    }

    private static string Union(IEnumerable<string> types)
    {
        var all = types.Distinct(StringComparer.Ordinal).ToList();
        return all.Contains("any") ? "any" : string.Join(" | ", all);
    }

    private JsonElement? Find(string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return reference == "#" ? root : null;
        }

        var at = root;
        foreach (var step in reference[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }
}
