using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Mcp.Servers;

/// <summary>Reads what makes a server of a REST interface.</summary>
internal static class McpOpenApiFields
{
    private const int MostDocument = 4 * 1024 * 1024;
    private const int MostOperations = 1000;
    private const int OperationLength = 500;
    private const int MostShapes = 200;

    public static McpOpenApiEntry? Read(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var entry = new McpOpenApiEntry
        {
            Document = reader.Document("document", MostDocument, static _ => null) ?? "",
            DocumentUrl = McpServerFields.Optional(reader.Text("documentUrl", required: false, McpFormats.UrlLength, McpFormats.Address)),
            Include = reader.Texts("include", MostOperations, OperationLength),
            Exclude = reader.Texts("exclude", MostOperations, OperationLength),
            SecurityScheme = McpServerFields.Optional(reader.Text("securityScheme", required: false, Formats.NameLength)),
            Shapes = [.. reader.NestedMany("shapes", 0, MostShapes).Select(Shape)],
        };
        if (entry.Document.Length == 0 == entry.DocumentUrl is null)
        {
            reader.Error("document", "or documentUrl is required, and only one of them.");
        }

        reader.Close();
        return entry;
    }

    private static McpShape Shape(ObjectReader reader)
    {
        var shape = new McpShape
        {
            Operation = reader.Text("operation", required: true, OperationLength) ?? "",
            Keep = reader.Texts("keep", 200, OperationLength),
            MaxItems = (int?)reader.Integer("maxItems", 1, 1_000_000),
            MaxTextLength = (int?)reader.Integer("maxTextLength", 1, 100_000_000),
        };
        reader.Close();
        return shape;
    }
}
