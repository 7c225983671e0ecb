using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Mcp.Pins;

namespace Gateway.Governance.Mcp.Tools;

/// <summary>Where a tool stands.</summary>
internal enum McpToolState
{
    /// <summary>Callers who may use it can.</summary>
    Approved = 1,

    /// <summary>It was not approved yet, and is withheld.</summary>
    New = 2,

    /// <summary>It changed since it was approved, and is withheld.</summary>
    Changed = 3,

    /// <summary>Somebody withheld it.</summary>
    Withheld = 4,

    /// <summary>Its server does not have it any more.</summary>
    Gone = 5,
}

/// <summary>A tool of a server of the MCP hub.</summary>
internal sealed record McpToolView
{
    /// <summary><c>server/tool</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The server.</summary>
    public required string ServerId { get; init; }

    /// <summary>The tool's own name.</summary>
    public required string Tool { get; init; }

    /// <summary>Where it stands.</summary>
    public required McpToolState State { get; init; }

    /// <summary>SHA-256 of its definition and its server; an approval names it.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Its title; absent for none. Hidden characters are written out.</summary>
    public string? Title { get; init; }

    /// <summary>Its description; hidden characters are written out.</summary>
    public required string Description { get; init; }

    /// <summary>What is remarkable about it.</summary>
    public required IReadOnlyList<ToolRemark> Remarks { get; init; }

    /// <summary>When it was first seen.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When its definition last changed; of one that never did, when it was first seen.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Since when its server does not have it; absent while it does.</summary>
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>When it was last approved or withheld; absent when nobody decided.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Who did: an administrator, or <c>first use</c>.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Its definition as the server gave it; only where one tool is read.</summary>
    public JsonElement? Definition { get; init; }

    /// <summary>The definition that was approved, where it is another; only where one tool is read.</summary>
    public JsonElement? ApprovedDefinition { get; init; }

    /// <summary>What differs between the two, hidden characters written out; only where one tool is read.</summary>
    public IReadOnlyList<DefinitionChange>? Changes { get; init; }
}

/// <summary>Tools, in the order of their ids.</summary>
internal sealed record McpToolList
{
    /// <summary>The tools.</summary>
    public required IReadOnlyList<McpToolView> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>Body of <c>POST /api/mcp/tools/approve</c> and <c>/withhold</c>.</summary>
internal sealed record McpToolDecision
{
    /// <summary>The tools. 1 to 1,000.</summary>
    public required IReadOnlyList<McpToolChoice> Tools { get; init; }
}

/// <summary>A tool that somebody decides on.</summary>
internal sealed record McpToolChoice
{
    /// <summary><c>server/tool</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The fingerprint of the definition that was looked at; required to approve, so that nothing is approved that nobody saw.</summary>
    public string? Fingerprint { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(McpToolView))]
[JsonSerializable(typeof(McpToolList))]
[JsonSerializable(typeof(McpToolDecision))]
[JsonSerializable(typeof(IReadOnlyList<ToolRemark>))]
internal sealed partial class McpToolJson : JsonSerializerContext;
