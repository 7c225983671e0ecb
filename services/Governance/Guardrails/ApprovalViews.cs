using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Guardrails;

namespace Gateway.Governance.Guardrails;

/// <summary>A request that waits for approval, or on which somebody decided. Its text is not kept: who asks shows it.</summary>
internal sealed record ApprovalView
{
    /// <summary>Id of the approval, which the caller sends in <c>x-gateway-approval</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required ApprovalStatus Status { get; init; }

    /// <summary>The policy that asks.</summary>
    public required string Policy { get; init; }

    /// <summary>What its rules found, by kind.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>The virtual key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Name of the virtual key; absent when it has been deleted.</summary>
    public string? KeyName { get; init; }

    /// <summary>The key's team; empty for none.</summary>
    public required string TeamId { get; init; }

    /// <summary>The public model.</summary>
    public required string Model { get; init; }

    /// <summary>The request's id in the gateway's logs.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it was first asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when it waits, or what was decided holds.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Who decided; absent while it waits.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When; absent while it waits.</summary>
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>Requests that wait for approval, the latest first.</summary>
internal sealed record ApprovalList
{
    /// <summary>The requests.</summary>
    public required IReadOnlyList<ApprovalView> Items { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApprovalView))]
[JsonSerializable(typeof(ApprovalList))]
[JsonSerializable(typeof(DryRunReport))]
internal sealed partial class GuardrailJson : JsonSerializerContext;
