using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;

namespace Gateway.Governance.Mcp.Approvals;

/// <summary>A call that waits, as it is stored.</summary>
internal sealed class ApprovalRow
{
    public const string Columns =
        "id, digest, key_id AS KeyId, team_id AS TeamId, server_id AS ServerId, tool, approver, reason, arguments, status, created_at AS CreatedAt, until, decided_by AS DecidedBy, decided_at AS DecidedAt";

    public string Id { get; set; } = "";

    public string Digest { get; set; } = "";

    public string KeyId { get; set; } = "";

    public string TeamId { get; set; } = "";

    public string ServerId { get; set; } = "";

    public string Tool { get; set; } = "";

    public int Approver { get; set; }

    public string Reason { get; set; } = "";

    public string Arguments { get; set; } = "";

    public int Status { get; set; }

    public long CreatedAt { get; set; }

    public long Until { get; set; }

    public string DecidedBy { get; set; } = "";

    public long DecidedAt { get; set; }

    public ApprovalState State() => new() { Id = Id, Status = (ApprovalStatus)Status, Until = DateTimeOffset.FromUnixTimeMilliseconds(Until) };

    public McpApprovalView View() => new()
    {
        Id = Id,
        Status = (ApprovalStatus)Status,
        KeyId = KeyId,
        TeamId = TeamId,
        ServerId = ServerId,
        Tool = Tool,
        By = (McpApproval)Approver,
        Reason = Reason,
        Arguments = Arguments.Length > 0 ? Arguments : null,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        Until = DateTimeOffset.FromUnixTimeMilliseconds(Until),
        DecidedBy = DecidedBy.Length > 0 ? DecidedBy : null,
        DecidedAt = DecidedAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(DecidedAt),
    };
}
