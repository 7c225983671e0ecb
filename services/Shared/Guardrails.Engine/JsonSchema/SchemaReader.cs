using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Guardrails.Engine.JsonSchema;

/// <summary>Reads schemas. Keywords that it does not check are errors, except those that only describe: a schema that says more than is checked would deceive.</summary>
internal static class SchemaReader
{
    private const int Deepest = 64;

    private static readonly HashSet<string> _descriptive = new(StringComparer.Ordinal) { "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "example", "format", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding", "strict", "name" };
    private static readonly HashSet<string> _types = new(StringComparer.Ordinal) { "object", "array", "string", "number", "integer", "boolean", "null" };

    /// <summary>A schema, or null and what is wrong with it.</summary>
    public static SchemaNode? Read(string schema, out string? problem)
    {
        try
        {
            using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = Deepest });
            var reading = new Reading(document.RootElement.Clone());
            problem = null;
            return reading.Node(reading.Root, "$");
        }
        catch (JsonException e)
        {
            problem = $"It is no JSON: {e.Message}";
        }
        catch (SchemaException e)
        {
            problem = e.Message;
        }

        return null;
    }

    private sealed class SchemaException(string message) : Exception(message);

    private sealed class Reading(JsonElement root)
    {
        private readonly Dictionary<string, SchemaNode> _references = new(StringComparer.Ordinal);

        public JsonElement Root { get; } = root;

        public SchemaNode Node(JsonElement schema, string path)
        {
            if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                return new SchemaNode { Always = schema.ValueKind == JsonValueKind.True };
            }

            if (schema.ValueKind != JsonValueKind.Object)
            {
                throw new SchemaException($"{path} is neither an object nor true or false.");
            }

            var node = new SchemaNode();
            foreach (var keyword in schema.EnumerateObject())
            {
                try
                {
                    Keyword(node, keyword.Name, keyword.Value, $"{path}.{keyword.Name}");
                }
                catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
                {
                    throw new SchemaException($"{path}.{keyword.Name} is not of the type it has to be.");
                }
            }

            return node;
        }

        private void Keyword(SchemaNode node, string name, JsonElement value, string path)
        {
            switch (name)
            {
                case "type":
                    node.Types = [.. value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(static t => t.GetString()!) : [value.GetString()!]];
                    if (node.Types.FirstOrDefault(static t => !_types.Contains(t)) is { } unknown)
                    {
                        throw new SchemaException($"{path}: there is no type «{unknown}».");
                    }

                    break;
                case "enum":
                    node.Values = [.. value.EnumerateArray()];
                    break;
                case "const":
                    node.Values = [value];
                    break;
                case "properties":
                    foreach (var property in value.EnumerateObject())
                    {
                        node.Properties[property.Name] = Node(property.Value, $"{path}.{property.Name}");
                    }

                    break;
                case "patternProperties":
                    foreach (var property in value.EnumerateObject())
                    {
                        node.PatternProperties.Add((Pattern(property.Name, path), Node(property.Value, $"{path}.{property.Name}")));
                    }

                    break;
                case "additionalProperties":
                    node.AdditionalProperties = Node(value, path);
                    break;
                case "required":
                    node.Required.AddRange(value.EnumerateArray().Select(static r => r.GetString()!));
                    break;
                case "items" when value.ValueKind != JsonValueKind.Array:
                    node.Items = Node(value, path);
                    break;
                case "prefixItems" or "items":
                    node.PrefixItems.AddRange(Nodes(value, path));
                    break;
                case "allOf":
                    node.AllOf.AddRange(Nodes(value, path));
                    break;
                case "anyOf":
                    node.AnyOf.AddRange(Nodes(value, path));
                    break;
                case "oneOf":
                    node.OneOf.AddRange(Nodes(value, path));
                    break;
                case "not":
                    node.Not = Node(value, path);
                    break;
                case "$ref":
                    node.Target = Reference(value.GetString()!, path);
                    break;
                case "pattern":
                    node.Pattern = Pattern(value.GetString()!, path);
                    break;
                default:
                    Number(node, name, value, path);
                    break;
            }
        }

        private static void Number(SchemaNode node, string name, JsonElement value, string path)
        {
            switch (name)
            {
                case "minimum":
                    node.Minimum = value.GetDouble();
                    break;
                case "maximum":
                    node.Maximum = value.GetDouble();
                    break;
                case "exclusiveMinimum":
                    node.ExclusiveMinimum = value.GetDouble();
                    break;
                case "exclusiveMaximum":
                    node.ExclusiveMaximum = value.GetDouble();
                    break;
                case "multipleOf":
                    node.MultipleOf = value.GetDecimal() is > 0 and var step ? step : throw new SchemaException($"{path} is above 0.");
                    break;
                case "minLength":
                    node.MinLength = value.GetInt32();
                    break;
                case "maxLength":
                    node.MaxLength = value.GetInt32();
                    break;
                case "minItems":
                    node.MinItems = value.GetInt32();
                    break;
                case "maxItems":
                    node.MaxItems = value.GetInt32();
                    break;
                case "minProperties":
                    node.MinProperties = value.GetInt32();
                    break;
                case "maxProperties":
                    node.MaxProperties = value.GetInt32();
                    break;
                case "uniqueItems":
                    node.UniqueItems = value.GetBoolean();
                    break;
                default:
                    if (!_descriptive.Contains(name))
                    {
                        throw new SchemaException($"{path}: this keyword is not checked here; leave it out.");
                    }

                    break;
            }
        }

        private IEnumerable<SchemaNode> Nodes(JsonElement list, string path) => list.EnumerateArray().Select((s, i) => Node(s, $"{path}[{i}]"));

        private SchemaNode Reference(string reference, string path)
        {
            if (_references.TryGetValue(reference, out var known))
            {
                return known;
            }

            if (!reference.StartsWith('#'))
            {
                throw new SchemaException($"{path}: only references into the schema itself («#/$defs/…») are followed.");
            }

            var at = Root;
            foreach (var step in reference.Split('/').Skip(1))
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out at))
                {
                    throw new SchemaException($"{path}: there is no «{reference}».");
                }
            }

            // Known before it is read, so that a schema may refer to itself.
            var holder = _references[reference] = new SchemaNode();
            holder.Target = Node(at, reference);
            return holder;
        }

        private static Regex Pattern(string pattern, string path)
        {
            try
            {
                return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                throw new SchemaException($"{path}: «{pattern}» is no regular expression that can be matched in linear time.");
            }
        }
    }
}
