using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Dialects.Tests.Schema;

/// <summary>
/// Checks JSON against a schema of OpenAI's OpenAPI document. Of <c>oneOf</c> and <c>anyOf</c> one alternative has to hold; a member that is null counts as
/// absent unless it is required, as in OpenAI's own traffic (<c>usage</c> of a response that has only begun). Enumerations that OpenAI's own
/// traffic does not keep to are not checked, see <see cref="_openEnums"/>.
/// </summary>
internal sealed class OpenApiSchema
{
    /// <summary>Recorded answers of OpenAI have other values than the document names: the codes insufficient_quota and unknown-error, for example.</summary>
    private static readonly HashSet<string> _openEnums = new(["#/components/schemas/ResponseErrorCode"], StringComparer.Ordinal);

    private readonly JsonElement _root;

    private OpenApiSchema(byte[] document) => _root = JsonElement.Parse(document);

    public static string DocumentPath { get; } = Path.Combine(SharedData.Root, "specs", "openai-openapi.json");

    private static readonly Lazy<OpenApiSchema> _shared = new(static () => new OpenApiSchema(File.ReadAllBytes(DocumentPath!)));

    public static bool IsPresent => File.Exists(DocumentPath);

    public static OpenApiSchema Shared => _shared.Value;

    /// <summary>What is wrong with the value, or null.</summary>
    /// <param name="schema">Name of the schema.</param>
    /// <param name="json">The value.</param>
    public string? Check(string schema, ReadOnlySpan<byte> json) => Check(Resolve("#/components/schemas/" + schema), JsonElement.Parse(json), "$");

    private JsonElement Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate(_root, static (at, name) => at.GetProperty(name));

    private string? Check(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return _openEnums.Contains(reference.GetString()!) ? null : Check(Resolve(reference.GetString()!), value, path);
        }

        return Type(schema, value, path) ?? Enum(schema, value, path) ?? AllOf(schema, value, path) ?? OneOf(schema, "oneOf", value, path)
            ?? OneOf(schema, "anyOf", value, path) ?? Range(schema, value, path) ?? value.ValueKind switch
            {
                JsonValueKind.Object => Members(schema, value, path),
                JsonValueKind.Array => Items(schema, value, path),
                _ => null,
            };
    }

    private static string? Type(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("type", out var type) || (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("nullable", out _)))
        {
            return null;
        }

        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(static t => t.GetString()!).ToList() : [type.GetString()!];
        return names.Exists(name => Is(name, value)) ? null : $"{path}: {value.ValueKind} instead of {string.Join(" or ", names)}";
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind == JsonValueKind.Null,
    };

    private static string? Enum(JsonElement schema, JsonElement value, string path) =>
        schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)) ? $"{path}: {value} is not in {values}" : null;

    private string? AllOf(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("allOf", out var all))
        {
            return null;
        }

        foreach (var part in all.EnumerateArray())
        {
            if (Check(part, value, path) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private string? OneOf(JsonElement schema, string keyword, JsonElement value, string path)
    {
        if (!schema.TryGetProperty(keyword, out var alternatives))
        {
            return null;
        }

        // The alternative that gets furthest is the one that was meant.
        string? best = null;
        foreach (var alternative in alternatives.EnumerateArray())
        {
            if (Check(alternative, value, path) is not { } problem)
            {
                return null;
            }

            if (best is null || Depth(problem) > Depth(best) || (Depth(problem) == Depth(best) && best.Contains(".type:", StringComparison.Ordinal)))
            {
                best = problem;
            }
        }

        return best;
    }

    private static int Depth(string problem) => problem[..problem.IndexOf(':', StringComparison.Ordinal)].Count(static c => c is '.' or '[');

    private string? Members(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            // The type first: with it, the alternative that was not meant is known at once.
            foreach (var property in properties.EnumerateObject().OrderBy(static p => p.Name == "type" ? 0 : 1))
            {
                if (value.TryGetProperty(property.Name, out var member) && member.ValueKind != JsonValueKind.Null && Check(property.Value, member, $"{path}.{property.Name}") is { } problem)
                {
                    return problem;
                }
            }
        }

        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                {
                    return $"{path}: {name} is missing";
                }
            }
        }

        return null;
    }

    private string? Items(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("items", out var items))
        {
            return null;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (Check(items, item, $"{path}[{index++}]") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Range(JsonElement schema, JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            var text = value.GetString()!;
            return schema.TryGetProperty("maxLength", out var max) && text.Length > max.GetInt64() ? $"{path}: longer than {max}"
                : schema.TryGetProperty("minLength", out var min) && text.Length < min.GetInt64() ? $"{path}: shorter than {min}"
                : schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!) ? $"{path}: does not match {pattern}" : null;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            return schema.TryGetProperty("maximum", out var most) && value.GetDouble() > most.GetDouble() ? $"{path}: above {most}"
                : schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble() ? $"{path}: below {least}" : null;
        }

        return null;
    }
}
