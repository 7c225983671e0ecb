using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;

namespace Gateway.Governance.Mcp.Approvals;

/// <summary>A call of a tool that waits for approval, or on which somebody decided.</summary>
internal sealed record McpApprovalView
{
    /// <summary>Id of the approval.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required ApprovalStatus Status { get; init; }

    /// <summary>The virtual key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Name of the virtual key; absent when it has been deleted.</summary>
    public string? KeyName { get; init; }

    /// <summary>The key's team; empty for none.</summary>
    public required string TeamId { get; init; }

    /// <summary>The server.</summary>
    public required string ServerId { get; init; }

    /// <summary>The tool, by its own name.</summary>
    public required string Tool { get; init; }

    /// <summary>Who may approve it: an administrator, or also whoever holds the key.</summary>
    public required McpApproval By { get; init; }

    /// <summary>Why it waits.</summary>
    public required string Reason { get; init; }

    /// <summary>The arguments, redacted and cut; absent where nothing of calls is kept.</summary>
    public string? Arguments { get; init; }

    /// <summary>When it was first asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it waits, or what was decided holds.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Who decided; absent while it waits.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When; absent while it waits.</summary>
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>Calls that wait for approval, the latest first.</summary>
internal sealed record McpApprovalList
{
    /// <summary>The calls.</summary>
    public required IReadOnlyList<McpApprovalView> Items { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(McpApprovalView))]
[JsonSerializable(typeof(McpApprovalList))]
internal sealed partial class McpApprovalJson : JsonSerializerContext;
