using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.Search;

namespace Gateway.McpHub.MetaTools;

/// <summary>What search and programs need of a tool, worked out once for each definition that a server gave.</summary>
internal sealed class KnownTool
{
    private static readonly ConditionalWeakTable<HubTool, KnownTool> All = [];
    private static readonly JsonElement NoInput = JsonElement.Parse("{\"type\":\"object\"}");

    private KnownTool(HubTool tool)
    {
        using var document = JsonDocument.Parse(tool.Definition, new JsonDocumentOptions { MaxDepth = Protocol.JsonBytes.MaxDepth });
        var root = document.RootElement;
        Description = Text(root, "description") ?? Text(root, "title");
        Input = root.TryGetProperty("inputSchema", out var input) ? input.Clone() : NoInput;
        Output = root.TryGetProperty("outputSchema", out var output) ? output.Clone() : null;
        var signature = ToolSignature.Of(tool.Name, Description, Input, Output);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(tool.Server + "\n"));
        hash.AppendData(tool.Definition.Span);
        ForSearch = new SearchTool(tool.Server, tool.Name, Description ?? "", [.. signature.Notes], Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    public string? Description { get; }

    public JsonElement Input { get; }

    public JsonElement? Output { get; }

    /// <summary>The tool as the search sees it.</summary>
    public SearchTool ForSearch { get; }

    public static KnownTool Of(HubTool tool) => All.GetValue(tool, static t => new KnownTool(t));

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
