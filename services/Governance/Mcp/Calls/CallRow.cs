using System.Text.Json;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>A call as it is stored.</summary>
internal sealed class CallRow
{
    public const string Columns =
        "id, started_at AS StartedAt, duration, hub_id AS HubId, key_id AS KeyId, team_id AS TeamId, customer_id AS CustomerId, end_user AS EndUser, session_id AS SessionId, request_id AS RequestId, "
        + "trace_id AS TraceId, origin, server_id AS ServerId, tool, outcome, reason, price, argument_bytes AS ArgumentBytes, result_bytes AS ResultBytes, notes";

    public string Id { get; set; } = "";

    public long StartedAt { get; set; }

    public long Duration { get; set; }

    public string HubId { get; set; } = "";

    public string KeyId { get; set; } = "";

    public string TeamId { get; set; } = "";

    public string CustomerId { get; set; } = "";

    public string EndUser { get; set; } = "";

    public string SessionId { get; set; } = "";

    public string RequestId { get; set; } = "";

    public string TraceId { get; set; } = "";

    public int Origin { get; set; }

    public string ServerId { get; set; } = "";

    public string Tool { get; set; } = "";

    public int Outcome { get; set; }

    public string Reason { get; set; } = "";

    public long Price { get; set; }

    public long ArgumentBytes { get; set; }

    public long ResultBytes { get; set; }

    public string Notes { get; set; } = "[]";

    public string Sealed { get; set; } = "";

    public McpCallView View() => new()
    {
        Id = Id,
        StartedAt = UsageTime.Instant(StartedAt),
        DurationMicros = Duration,
        HubId = HubId,
        KeyId = KeyId,
        TeamId = TeamId,
        CustomerId = CustomerId,
        EndUser = EndUser,
        SessionId = SessionId,
        RequestId = RequestId,
        TraceId = TraceId,
        Origin = (McpCallOrigin)Origin,
        ServerId = ServerId,
        Tool = Tool,
        Outcome = (McpCallOutcome)Outcome,
        Reason = Reason,
        PriceNanoUsd = Price,
        ArgumentBytes = ArgumentBytes,
        ResultBytes = ResultBytes,
        Notes = JsonSerializer.Deserialize(Notes, McpCallJson.Default.IReadOnlyListString) ?? [],
    };
}
