using System.Text.Json;

namespace Gateway.Dialects.Chat;

/// <summary>Tells whether OpenAI takes a schema as strict: it refuses one that is open anywhere, has members that may be missing, or keywords its grammar cannot keep.</summary>
internal static class StrictSchema
{
    private static readonly string[] _refused =
    [
        "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties", "propertyNames", "minProperties", "maxProperties",
        "unevaluatedProperties", "unevaluatedItems", "contains", "minContains", "maxContains", "uniqueItems", "prefixItems", "minLength", "maxLength",
    ];

    /// <summary>
    /// What to write as <c>strict</c>: the caller's word where that speaks an OpenAI dialect and knows its rules; for others true only where it would be accepted.
    /// </summary>
    /// <param name="strict">What the caller said.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="origin">The caller's dialect.</param>
    /// <param name="isLost">True when the caller asked for it in vain.</param>
    public static bool? Of(bool? strict, JsonElement? schema, DialectId origin, out bool isLost)
    {
        isLost = strict == true && origin is not (DialectId.OpenAIChat or DialectId.OpenAIResponses) && !(schema is { } value && IsObject(value) && Conforms(value));
        return isLost ? false : strict;
    }

    private static bool Conforms(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        return Array.TrueForAll(_refused, keyword => !schema.TryGetProperty(keyword, out _))
            && (!IsObject(schema) || IsClosed(schema))
            && (!schema.TryGetProperty("properties", out var properties) || Members(properties))
            && (!schema.TryGetProperty("$defs", out var definitions) || Members(definitions))
            && (!schema.TryGetProperty("definitions", out definitions) || Members(definitions))
            && (!schema.TryGetProperty("items", out var items) || Conforms(items))
            && (!schema.TryGetProperty("anyOf", out var choices) || (choices.ValueKind == JsonValueKind.Array && choices.EnumerateArray().All(Conforms)));
    }

    private static bool Members(JsonElement members) => members.ValueKind == JsonValueKind.Object && members.EnumerateObject().All(static m => Conforms(m.Value));

    private static bool IsObject(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && (schema.TryGetProperty("properties", out _) || (schema.TryGetProperty("type", out var type) && (Names(type, "object") || (type.ValueKind == JsonValueKind.Array
            && type.EnumerateArray().Any(static t => Names(t, "object"))))));

    private static bool Names(JsonElement type, string name) => type.ValueKind == JsonValueKind.String && type.ValueEquals(name);

    private static bool IsClosed(JsonElement schema)
    {
        if (!schema.TryGetProperty("additionalProperties", out var more) || more.ValueKind != JsonValueKind.False)
        {
            return false;
        }

        var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(static n => n.ValueKind == JsonValueKind.String).Select(static n => n.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        return !schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object || properties.EnumerateObject().All(p => required.Contains(p.Name));
    }
}
