using System.Text.Json;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>A call on its way into the table.</summary>
internal sealed class StoredCall(string hub, McpCallRecord call, MonthKeys? keys)
{
    private const int ReasonLength = 1_024;

    public McpCallRecord Call => call;

    public static BulkTable<StoredCall> Table { get; } = new(
        "mcp_calls",
        ["id"],
        [
            BulkColumn<StoredCall>.Of("id", static c => c.Call.Id),
            BulkColumn<StoredCall>.Of("started_at", static c => c.Call.StartedAtMicros),
            BulkColumn<StoredCall>.Of("duration", static c => c.Call.DurationMicros),
            BulkColumn<StoredCall>.Of("hub_id", static c => UsageText.Clean(c.Hub)),
            BulkColumn<StoredCall>.Of("key_id", static c => UsageText.Clean(c.Call.KeyId)),
            BulkColumn<StoredCall>.Of("team_id", static c => UsageText.Clean(c.Call.TeamId)),
            BulkColumn<StoredCall>.Of("customer_id", static c => UsageText.Clean(c.Call.CustomerId)),
            BulkColumn<StoredCall>.Of("end_user", static c => UsageText.Clean(c.Call.EndUser)),
            BulkColumn<StoredCall>.Of("session_id", static c => UsageText.Clean(c.Call.SessionId)),
            BulkColumn<StoredCall>.Of("request_id", static c => UsageText.Clean(c.Call.RequestId)),
            BulkColumn<StoredCall>.Of("trace_id", static c => UsageText.Clean(c.Call.TraceId)),
            BulkColumn<StoredCall>.Of("origin", static c => (long)c.Call.Origin),
            BulkColumn<StoredCall>.Of("server_id", static c => UsageText.Clean(c.Call.ServerId)),
            BulkColumn<StoredCall>.Of("tool", static c => McpText.Clean(c.Call.Tool, McpIds.MostToolLength)),
            BulkColumn<StoredCall>.Of("outcome", static c => (long)c.Call.Outcome),
            BulkColumn<StoredCall>.Of("reason", static c => McpText.Clean(c.Call.Reason, ReasonLength)),
            BulkColumn<StoredCall>.Of("price", static c => c.Call.PriceNanoUsd),
            BulkColumn<StoredCall>.Of("argument_bytes", static c => c.Call.ArgumentBytes),
            BulkColumn<StoredCall>.Of("result_bytes", static c => c.Call.ResultBytes),
            BulkColumn<StoredCall>.Of("notes", static c => JsonSerializer.Serialize(c.Call.Notes, McpCallJson.Default.IReadOnlyListString)),
            BulkColumn<StoredCall>.Of("sealed", static c => c.Sealed),
        ],
        "NOTHING",
        static c => c.Call.Id);

    private string Hub => hub;

    // As what is said in requests: under the key of the month, which goes with the month.
    private string Sealed => keys is not null && (call.Arguments is not null || call.Result is not null)
        ? BodySeal.Seal(keys, call.Id, new SealedBodies { Request = Body(call.Arguments, call.ArgumentBytes), Answer = Body(call.Result, call.ResultBytes) })
        : "";

    private static LoggedBody? Body(string? text, long bytes) => text is null ? null : new LoggedBody { Text = text, Bytes = bytes };
}
