using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.McpHub.Tests.Schemas;

/// <summary>The published JSON schema of one revision of the protocol, and what of a message it does not allow.</summary>
internal sealed class McpSchema
{
    private static readonly ConcurrentDictionary<string, McpSchema?> known = new();

    private static readonly Dictionary<string, string> results = new(StringComparer.Ordinal)
    {
        ["initialize"] = "InitializeResult", ["server/discover"] = "DiscoverResult", ["tools/list"] = "ListToolsResult", ["tools/call"] = "CallToolResult",
        ["prompts/list"] = "ListPromptsResult", ["prompts/get"] = "GetPromptResult", ["resources/list"] = "ListResourcesResult", ["resources/read"] = "ReadResourceResult",
        ["resources/templates/list"] = "ListResourceTemplatesResult", ["completion/complete"] = "CompleteResult", ["ping"] = "EmptyResult", ["logging/setLevel"] = "EmptyResult",
        ["resources/subscribe"] = "EmptyResult", ["resources/unsubscribe"] = "EmptyResult", ["elicitation/create"] = "ElicitResult", ["sampling/createMessage"] = "CreateMessageResult",
        ["roots/list"] = "ListRootsResult", ["subscriptions/listen"] = "SubscriptionsListenResult",
    };

    private readonly JsonObject document;
    private readonly JsonObject definitions;
    private readonly Dictionary<string, string> byMethod;

    private McpSchema(JsonObject document)
    {
        this.document = document;
        definitions = (document["$defs"] ?? document["definitions"])!.AsObject();
        byMethod = definitions.Where(d => d.Value?["properties"]?["method"]?["const"] is not null && !d.Key.StartsWith("Client", StringComparison.Ordinal) && !d.Key.StartsWith("Server", StringComparison.Ordinal))
            .ToDictionary(d => (string)d.Value!["properties"]!["method"]!["const"]!, d => d.Key, StringComparer.Ordinal);
    }

    /// <summary>That of a revision; null where the schemas are not on this machine.</summary>
    public static McpSchema? Of(string version) => known.GetOrAdd(version, static v =>
    {
        var path = Path.Combine(SourceTree.SharedData, "mcp-schema", v + ".json");
        return File.Exists(path) ? new McpSchema(JsonNode.Parse(File.ReadAllText(path))!.AsObject()) : null;
    });

    /// <summary>What is wrong with a message; empty when nothing is.</summary>
    /// <param name="message">The message.</param>
    /// <param name="answersTo">The method of the request that a response answers.</param>
    public List<string> Check(JsonObject message, string? answersTo)
    {
        List<string> problems = [];
        Check(definitions["JSONRPCMessage"]!, message, "$", problems);
        if ((string?)message["method"] is { } method)
        {
            if (byMethod.TryGetValue(method, out var name))
            {
                Check(definitions[name]!, message, "$", problems);
            }
            else
            {
                problems.Add($"the revision has no {method}");
            }
        }
        else if (message["result"] is { } result && answersTo is not null)
        {
            var name = (string?)result["resultType"] == "input_required" ? "InputRequiredResult" : results[answersTo];
            Check(definitions[name]!, result, "$.result", problems);
        }

        return problems;
    }

    private void Check(JsonNode schema, JsonNode? value, string path, List<string> problems)
    {
        if (schema["$ref"] is { } reference)
        {
            Check(reference.GetValue<string>()[2..].Split('/').Aggregate((JsonNode)document, static (node, step) => node[step]!), value, path, problems);
        }

        foreach (var part in schema["allOf"]?.AsArray() ?? [])
        {
            Check(part!, value, path, problems);
        }

        Alternatives(schema["anyOf"] ?? schema["oneOf"], value, path, problems);
        if (schema["const"] is { } only && !JsonNode.DeepEquals(only, value))
        {
            problems.Add($"{path} is not {only.ToJsonString()}");
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            problems.Add($"{path} is none of {allowed.ToJsonString()}");
        }

        if (schema["type"] is { } type && !(type is JsonArray types ? types.Any(t => IsOfType(t!.GetValue<string>(), value)) : IsOfType(type.GetValue<string>(), value)))
        {
            problems.Add($"{path} is no {type.ToJsonString()}");
            return;
        }

        switch (value)
        {
            case JsonObject members:
                Members(schema, members, path, problems);
                break;
            case JsonArray list:
                if (schema["items"] is JsonObject items)
                {
                    for (var i = 0; i < list.Count; i++)
                    {
                        Check(items, list[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), problems);
                    }
                }

                if (list.Count < ((int?)schema["minItems"] ?? 0) || list.Count > ((int?)schema["maxItems"] ?? int.MaxValue))
                {
                    problems.Add($"{path} has {list.Count} elements");
                }

                break;
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                if ((double)number < ((double?)schema["minimum"] ?? double.MinValue) || (double)number > ((double?)schema["maximum"] ?? double.MaxValue))
                {
                    problems.Add($"{path} is out of range");
                }

                break;
            default:
                break;
        }
    }

    private void Members(JsonNode schema, JsonObject value, string path, List<string> problems)
    {
        problems.AddRange((schema["required"]?.AsArray() ?? []).Select(static r => r!.GetValue<string>()).Where(r => !value.ContainsKey(r)).Select(r => $"{path}.{r} is missing"));
        foreach (var (name, member) in value)
        {
            if (schema["properties"]?[name] is { } known)
            {
                Check(known, member, $"{path}.{name}", problems);
            }
            else if (schema["additionalProperties"] is JsonObject others)
            {
                Check(others, member, $"{path}.{name}", problems);
            }
            else if (schema["additionalProperties"] is JsonValue no && no.GetValueKind() == JsonValueKind.False)
            {
                problems.Add($"{path}.{name} is not known");
            }
        }
    }

    private void Alternatives(JsonNode? alternatives, JsonNode? value, string path, List<string> problems)
    {
        List<string>? best = null;
        foreach (var alternative in alternatives?.AsArray() ?? [])
        {
            List<string> found = [];
            Check(alternative!, value, path, found);
            best = best is null || found.Count < best.Count ? found : best;
        }

        problems.AddRange(best ?? []);
    }

    private static bool IsOfType(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("null", null) => true,
        ("integer", JsonValueKind.Number) => value!.ToJsonString().All(static c => char.IsAsciiDigit(c) || c == '-'),
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        _ => false,
    };
}
