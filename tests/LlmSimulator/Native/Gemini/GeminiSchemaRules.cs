using System.Text.Json;

namespace Gateway.LlmSimulator.Native.Gemini;

/// <summary>The subset of JSON schema that Gemini's <c>Schema</c> has.</summary>
internal static class GeminiSchemaRules
{
    private static readonly HashSet<string> _fields = new(
        [
            "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties", "required", "minProperties", "maxProperties",
            "minLength", "maxLength", "pattern", "example", "anyOf", "propertyOrdering", "default", "items", "minimum", "maximum",
        ], StringComparer.Ordinal);

    private static readonly HashSet<string> _types = new(["string", "number", "integer", "boolean", "array", "object", "null"], StringComparer.OrdinalIgnoreCase);

    public static RuleBreak? Check(JsonElement schema, string at)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return new($"Invalid value at '{at}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema)");
        }

        foreach (var property in schema.EnumerateObject())
        {
            if (!_fields.Contains(property.Name))
            {
                return GeminiRules.Unknown(property.Name, at);
            }
        }

        if (schema.Get("type") is { } type && (type.ValueKind != JsonValueKind.String || !_types.Contains(type.GetString()!)))
        {
            return new($"Invalid value at '{at}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), {type.GetRawText()}");
        }

        var named = schema.GetText("type")?.ToUpperInvariant();
        if (schema.List("enum").Any(e => e.ValueKind != JsonValueKind.String) || (schema.List("enum").Any() && named is not (null or "STRING")))
        {
            return new($"* GenerateContentRequest.{at}.enum: only allowed for STRING type");
        }

        if (named == "ARRAY" && schema.Get("items") is null)
        {
            return new($"* GenerateContentRequest.{at}.items: missing field.");
        }

        var properties = schema.Get("properties");
        foreach (var required in schema.List("required"))
        {
            if (properties?.Get(required.GetString()!) is null)
            {
                return new($"* GenerateContentRequest.{at}.required[0]: property is not defined");
            }
        }

        if (properties is { ValueKind: JsonValueKind.Object } children)
        {
            foreach (var child in children.EnumerateObject())
            {
                if (Check(child.Value, $"{at}.properties[{child.Name}]") is { } broken)
                {
                    return broken;
                }
            }
        }

        return (schema.Get("items") is { } items ? Check(items, at + ".items") : null)
            ?? schema.List("anyOf").Select((s, i) => Check(s, $"{at}.any_of[{i}]")).FirstOrDefault(b => b is not null);
    }
}
