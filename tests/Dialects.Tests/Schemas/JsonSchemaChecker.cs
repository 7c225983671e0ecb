using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Dialects.Tests.Schemas;

/// <summary>
/// Checks JSON against a schema of OpenAI's API description. Its traffic does not always keep it, so two things are taken milder: a member that is null
/// counts as absent, and a required member may be missing where <c>_pruned</c> lists it.
/// </summary>
internal sealed class JsonSchemaChecker(JsonNode document)
{
    /// <summary>Members that the description requires and OpenAI's own answers leave out.</summary>
    private static readonly HashSet<string> _pruned = ["refusal", "logprobs", "content", "finish_reason"];

    private static readonly Lazy<JsonSchemaChecker?> _openAI = new(static () =>
    {
        var path = Path.Combine(SourceTree.SharedData, "specs", "openai-openapi.json");
        return File.Exists(path) ? new JsonSchemaChecker(JsonNode.Parse(File.ReadAllText(path))!) : null;
    });

    /// <summary>OpenAI's API description; null where it is not on this machine.</summary>
    public static JsonSchemaChecker? OpenAI => _openAI.Value;

    /// <summary>What is wrong with <paramref name="value"/> as an instance of the component <paramref name="schema"/>; empty when nothing is.</summary>
    public List<string> Check(string schema, JsonNode? value)
    {
        var problems = new List<string>();
        Check(document["components"]!["schemas"]![schema]!, value, "$", problems);
        return problems;
    }

    /// <summary>Name of the component that is meant by a type, among the alternatives of the component <paramref name="schema"/>; null when there is none.</summary>
    public string? AlternativeOf(string schema, string type)
    {
        var components = document["components"]!["schemas"]!;
        return components[schema]!["anyOf"]!.AsArray().Select(static a => a!["$ref"]!.GetValue<string>().Split('/')[^1])
            .FirstOrDefault(name => components[name]!["properties"]?["type"]?["enum"]?[0]?.GetValue<string>() == type);
    }

    private void Check(JsonNode schema, JsonNode? value, string path, List<string> problems)
    {
        if (schema["$ref"] is { } reference)
        {
            Check(Resolve(reference.GetValue<string>()), value, path, problems);
            return;
        }

        foreach (var part in schema["allOf"]?.AsArray() ?? [])
        {
            Check(part!, value, path, problems);
        }

        Alternatives(schema["anyOf"] ?? schema["oneOf"], value, path, problems);
        if (schema["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            problems.Add($"{path}: {value?.ToJsonString() ?? "null"} is none of {allowed.ToJsonString()}");
        }

        if (schema["type"] is JsonValue type && !IsOfType(type.GetValue<string>(), value))
        {
            problems.Add($"{path}: {value?.ToJsonString() ?? "null"} is no {type}");
            return;
        }

        if (value is JsonObject o)
        {
            Members(schema, o, path, problems);
        }
        else if (value is JsonArray array && schema["items"] is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Check(items, array[i], $"{path}[{i}]", problems);
            }
        }
    }

    private void Members(JsonNode schema, JsonObject value, string path, List<string> problems)
    {
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            var name = required!.GetValue<string>();
            if (!value.ContainsKey(name) && !_pruned.Contains(name))
            {
                problems.Add($"{path}.{name} is missing");
            }
        }

        foreach (var (name, member) in value)
        {
            if (member is not null && schema["properties"]?[name] is { } inner)
            {
                Check(inner, member, $"{path}.{name}", problems);
            }
        }
    }

    private void Alternatives(JsonNode? alternatives, JsonNode? value, string path, List<string> problems)
    {
        if (alternatives is not JsonArray list || list.Count == 0)
        {
            return;
        }

        List<string>? best = null;
        foreach (var alternative in list)
        {
            var found = new List<string>();
            Check(alternative!, value, path, found);
            best = best is null || found.Count < best.Count ? found : best;
        }

        problems.AddRange(best!);
    }

    private static bool IsOfType(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) => true,
        ("string", JsonValueKind.String) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value!.ToJsonString().All(static c => char.IsAsciiDigit(c) || c == '-'),
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("null", null) => true,
        _ => false,
    };

    private JsonNode Resolve(string reference)
    {
        var node = document;
        foreach (var step in reference.TrimStart('#', '/').Split('/'))
        {
            node = node[step]!;
        }

        return node;
    }
}
