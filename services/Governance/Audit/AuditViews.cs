using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Gateway.Audit;

namespace Gateway.Governance.Audit;

/// <summary>A row as the admin API gives it.</summary>
public sealed record AuditEntryView
{
    /// <summary>The chain: <c>gateway</c>, or <c>customer:</c> and the customer's id.</summary>
    public required string Chain { get; init; }

    /// <summary>Place in the chain, from 1 on.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required AuditActorView Actor { get; init; }

    /// <summary>What was done.</summary>
    public required string Action { get; init; }

    /// <summary>Kind of the entry it was done to; absent when there is none.</summary>
    public string? Kind { get; init; }

    /// <summary>Id of the entry it was done to; absent when there is none.</summary>
    public string? Id { get; init; }

    /// <summary>Fields that differ between before and after; only of changes.</summary>
    public IReadOnlyList<FieldChange>? Changes { get; init; }

    /// <summary>What else is known; with <c>full</c> also the entry before and after.</summary>
    public JsonObject? Detail { get; init; }

    /// <summary>The request it was done by; absent in background work.</summary>
    public string? RequestId { get; init; }

    /// <summary>Address of the client; absent in background work.</summary>
    public string? Address { get; init; }

    /// <summary>Why, in the words of who did it.</summary>
    public string? Reason { get; init; }

    /// <summary>Hash of the row.</summary>
    public required string Hash { get; init; }
}

/// <summary>Who did something.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Role">Role it was done in.</param>
public sealed record AuditActorView(string Id, string Name, string Role);

/// <summary>A page of rows, newest first.</summary>
public sealed record AuditPage
{
    /// <summary>The rows.</summary>
    public required IReadOnlyList<AuditEntryView> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>Checkpoints in the order they were signed.</summary>
public sealed record CheckpointPage
{
    /// <summary>The public keys that verify them, in PEM.</summary>
    public required string PublicKeys { get; init; }

    /// <summary>The checkpoints.</summary>
    public required IReadOnlyList<AuditCheckpoint> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>Answer of a verification.</summary>
public sealed record VerificationReport
{
    /// <summary>True when nothing is wrong.</summary>
    public required bool Intact { get; init; }

    /// <summary>Rows read.</summary>
    public required long Rows { get; init; }

    /// <summary>Checkpoints that rows were held to.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>The last row of each chain.</summary>
    public required IReadOnlyDictionary<string, long> Chains { get; init; }

    /// <summary>What is wrong.</summary>
    public required IReadOnlyList<AuditFinding> Findings { get; init; }
}

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(CheckpointPage))]
[JsonSerializable(typeof(VerificationReport))]
internal sealed partial class AuditApiJson : JsonSerializerContext;
