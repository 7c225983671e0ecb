using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.JsonSchema;

/// <summary>Finds answers that are no JSON, or not of a schema. It needs the whole answer.</summary>
public sealed class JsonSchemaDetector : IDetector
{
    private const int Deepest = 64;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "json_schema",
        Summary = "Answers that are not JSON of «schema».",
        Kinds = [new("invalid_json", "no JSON"), new("schema_mismatch", "JSON, but not of the schema")],
        Members = DetectorMembers.Schema,
        Required = DetectorMembers.Schema,
        Places = [GuardrailScope.Output],
        FindsSpans = false,
        Create = static settings =>
        {
            var schema = SchemaReader.Read(settings.Rule.Schema!, out var problem);
            if (schema is null)
            {
                settings.Problem("schema", problem!);
                return null;
            }

            return new JsonSchemaDetector(schema);
        },
    };

    private readonly SchemaNode _schema;

    private JsonSchemaDetector(SchemaNode schema) => _schema = schema;

    /// <inheritdoc />
    public string Name => "json_schema";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => int.MaxValue;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);

        // Arguments of tool calls have schemas of their own, in the tools' definitions.
        if (text.Facts.Place == GuardrailScope.ToolCall)
        {
            return text.Text.Length;
        }

        if (!text.IsComplete)
        {
            return text.From;
        }

        try
        {
            using var document = JsonDocument.Parse(text.Text.ToString(), new JsonDocumentOptions { MaxDepth = Deepest });
            if (!_schema.Allows(document.RootElement))
            {
                findings.Add(0, Math.Max(1, text.Text.Length), "schema_mismatch");
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            findings.Add(0, Math.Max(1, text.Text.Length), "invalid_json");
        }

        return text.Text.Length;
    }
}
