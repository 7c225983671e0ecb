using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Mcp;

namespace Gateway.Governance.Mcp.Playground;

/// <summary>Body of <c>POST /api/mcp/playground/tools</c> and <c>/call</c>.</summary>
internal sealed record PlaygroundRequest
{
    /// <summary>The virtual key whose tools are shown or called: its policies hold. Left out: an administrator's own trial, on which no policy holds but tools that are withheld stay so.</summary>
    public string? KeyId { get; init; }

    /// <summary>The server or bundle whose tools are meant, as in <c>/mcp/ID</c>; left out: all.</summary>
    public string? Scope { get; init; }

    /// <summary>The tool to call, by the name that the list has; only for <c>/call</c>.</summary>
    public string? Tool { get; init; }

    /// <summary>Its arguments; only for <c>/call</c>.</summary>
    public JsonElement? Arguments { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlaygroundRequest))]
[JsonSerializable(typeof(McpTrial))]
internal sealed partial class PlaygroundJson : JsonSerializerContext;
