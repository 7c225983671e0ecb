using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.McpHub.Catalogue;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.McpHub.OpenApi;

/// <summary>Reads OpenAPI 3 documents.</summary>
internal static class OpenApiDocument
{
    private const int MaxOperations = 2000;
    private const string SchemaPrefix = "#/components/schemas/";
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch", "head", "options"];

    /// <summary>The document as JSON; null with a reason when it is none.</summary>
    public static (JsonObject? Root, string? Problem) Parse(string text)
    {
        try
        {
            var root = text.AsSpan().TrimStart() is ['{', ..] ? JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 128 }) : FromYaml(text);
            return root is JsonObject document && document["openapi"]?.ToString().StartsWith('3') == true ? (document, null) : (null, "it is no OpenAPI 3 document");
        }
        catch (Exception e) when (e is JsonException or YamlException or InvalidOperationException or ArgumentException)
        {
            return (null, "its document cannot be read");
        }
    }

    /// <summary>The operations that pass the filter, by name of their tool.</summary>
    public static Dictionary<string, ApiOperation> Operations(JsonObject root, IReadOnlyCollection<string> include, IReadOnlyCollection<string> exclude)
    {
        var found = new Dictionary<string, ApiOperation>(StringComparer.Ordinal);
        foreach (var (path, item) in root["paths"] as JsonObject ?? [])
        {
            foreach (var method in Methods)
            {
                if (Resolve(root, item)?[method] is not JsonObject operation || found.Count >= MaxOperations)
                {
                    continue;
                }

                var id = operation["operationId"]?.ToString();
                var call = $"{method.ToUpperInvariant()} {path}";
                if ((include.Count > 0 && !include.Any(Fits)) || exclude.Any(Fits))
                {
                    continue;
                }

                var name = Unique(NameOf(id ?? $"{method}_{path}"), found);
                found[name] = Make(root, name, method, path, id ?? call, call, (JsonObject)Resolve(root, item)!, operation);

                bool Fits(string pattern) => (id is not null && BundlePatterns.Fits(pattern, id)) || BundlePatterns.Fits(pattern, call);
            }
        }

        return found;
    }

    private static ApiOperation Make(JsonObject root, string name, string method, string path, string id, string call, JsonObject item, JsonObject operation)
    {
        var parameters = new List<ApiParameter>();
        var properties = new JsonObject();
        var required = new JsonArray();
        var given = (operation["parameters"] as JsonArray ?? []).Concat(item["parameters"] as JsonArray ?? []).Select(p => Resolve(root, p)).OfType<JsonObject>();
        foreach (var parameter in given.DistinctBy(p => ($"{p["name"]}", $"{p["in"]}")))
        {
            var (own, place) = ($"{parameter["name"]}", $"{parameter["in"]}");
            if (place is not ("path" or "query" or "header") || own.Length == 0 || own.ToLowerInvariant() is "authorization" or "accept" or "content-type")
            {
                continue;
            }

            var argument = properties.ContainsKey(own) ? $"{place}_{own}" : own;
            var schema = Copy(parameter["schema"] ?? new JsonObject());
            if (schema is JsonObject described && parameter["description"] is { } text)
            {
                described["description"] ??= text.DeepClone();
            }

            properties[argument] = schema;
            if (place == "path" || parameter["required"]?.GetValue<bool>() == true)
            {
                required.Add(argument);
            }

            parameters.Add(new ApiParameter(argument, own, place, parameter["explode"]?.GetValue<bool>() ?? true));
        }

        string? mediaType = null;
        if (Resolve(root, operation["requestBody"]) is JsonObject body && body["content"] is JsonObject content && content.Count > 0)
        {
            mediaType = content.Select(c => c.Key).FirstOrDefault(k => k.Contains("json", StringComparison.OrdinalIgnoreCase))
                ?? content.Select(c => c.Key).FirstOrDefault(k => k == "application/x-www-form-urlencoded") ?? content.First().Key;
            properties["body"] = Copy(content[mediaType]?["schema"] ?? new JsonObject());
            if (body["required"]?.GetValue<bool>() == true)
            {
                required.Add("body");
            }
        }

        var input = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            input["required"] = required;
        }

        var description = string.Join("\n\n", new[] { operation["summary"]?.ToString(), operation["description"]?.ToString() }.Where(t => !string.IsNullOrWhiteSpace(t)));
        var tool = new JsonObject
        {
            ["name"] = name,
            ["description"] = description.Length > 0 ? description : call,
            ["inputSchema"] = WithDefinitions(root, input),
            ["annotations"] = new JsonObject
            {
                ["readOnlyHint"] = method is "get" or "head" or "options", ["destructiveHint"] = method is "delete" or "put" or "patch", ["idempotentHint"] = method is not ("post" or "patch"),
            },
        };
        return new ApiOperation(id, call, method.ToUpperInvariant(), path, parameters, mediaType, Encoding.UTF8.GetBytes(tool.ToJsonString()));
    }

    // Schemas refer to others of the document: those that are reached come along.
    private static JsonObject WithDefinitions(JsonObject root, JsonObject input)
    {
        var definitions = new JsonObject();
        var waiting = new Queue<string>(References(input));
        while (waiting.TryDequeue(out var name))
        {
            if (!definitions.ContainsKey(name) && root["components"]?["schemas"]?[name] is { } schema)
            {
                definitions[name] = Copy(schema);
                foreach (var next in References(schema))
                {
                    waiting.Enqueue(next);
                }
            }
        }

        if (definitions.Count > 0)
        {
            input["$defs"] = definitions;
        }

        return (JsonObject)JsonNode.Parse(input.ToJsonString().Replace($"\"{SchemaPrefix}", "\"#/$defs/", StringComparison.Ordinal))!;
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(m => m.Key == "$ref" && m.Value?.ToString() is { } target && target.StartsWith(SchemaPrefix, StringComparison.Ordinal)
            ? [target[SchemaPrefix.Length..]]
            : References(m.Value)),
        JsonArray a => a.SelectMany(References),
        _ => [],
    };

    private static JsonNode? Resolve(JsonObject root, JsonNode? node)
    {
        for (var step = 0; step < 16 && node is JsonObject o && o["$ref"]?.ToString() is { } target && target.StartsWith("#/", StringComparison.Ordinal); step++)
        {
            node = target[2..].Split('/').Aggregate((JsonNode?)root, (at, part) => (at as JsonObject)?[part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]);
        }

        return node;
    }

    private static JsonNode Copy(JsonNode node) => node.DeepClone();

    private static string NameOf(string text)
    {
        var name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_')).Trim('_');
        return name.Length <= 60 ? name : name[..60];
    }

    private static string Unique(string name, Dictionary<string, ApiOperation> taken)
    {
        var unique = name;
        for (var i = 2; taken.ContainsKey(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }

    private static JsonNode? FromYaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : FromYaml(stream.Documents[0].RootNode, 0);
    }

    private static JsonNode? FromYaml(YamlNode node, int depth) => depth > 100 ? throw new YamlException("It nests too deep.") : node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => new KeyValuePair<string, JsonNode?>(c.Key.ToString(), FromYaml(c.Value, depth + 1)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(c => FromYaml(c, depth + 1))]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" or "" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" } => JsonValue.Create(true),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "false" } => JsonValue.Create(false),
        YamlScalarNode { Style: ScalarStyle.Plain } number when decimal.TryParse(number.Value, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value) => JsonValue.Create(value),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}

/// <summary>An operation of an HTTP API.</summary>
/// <param name="Id">Its <c>operationId</c>, or the call where it has none.</param>
/// <param name="Call"><c>METHOD /path</c>.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="MediaType">Type of its body; null when it has none.</param>
/// <param name="Tool">The definition of the tool.</param>
internal sealed record ApiOperation(string Id, string Call, string Method, string Path, IReadOnlyList<ApiParameter> Parameters, string? MediaType, byte[] Tool);

/// <summary>A parameter of an operation.</summary>
/// <param name="Argument">The tool's argument.</param>
/// <param name="Name">The parameter's own name.</param>
/// <param name="Place"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Explode">Whether a list is sent as one parameter for each element.</param>
internal sealed record ApiParameter(string Argument, string Name, string Place, bool Explode);
