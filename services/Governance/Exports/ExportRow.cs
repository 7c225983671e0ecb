using System.Text.Json;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Exports;

/// <summary>A record on its way to a sink.</summary>
internal sealed record ExportRow
{
    public static BulkTable<ExportRow> Table { get; } = new(
        "export_queue",
        ["id", "sink"],
        [
            BulkColumn<ExportRow>.Of("id", static r => r.Id),
            BulkColumn<ExportRow>.Of("sink", static r => r.Sink),
            BulkColumn<ExportRow>.Of("at", static r => r.At),
            BulkColumn<ExportRow>.Of("body", static r => r.Body),
        ],
        "NOTHING",
        static r => r.Id);

    public required string Sink { get; init; }

    public required string Id { get; init; }

    public long At { get; init; }

    /// <summary>The record as the admin API shows it.</summary>
    public required string Body { get; init; }

    /// <summary>A record as one line of JSON.</summary>
    public static string BodyOf(StoredUsage stored) => JsonSerializer.Serialize(View(stored), UsageJson.Default.UsageRecordView);

    private static UsageRecordView View(StoredUsage stored)
    {
        var record = stored.Record;
        return new UsageRecordView
        {
            Id = record.Id,
            StartedAt = DateTimeOffset.UnixEpoch.AddTicks(record.StartedAtMicros * TimeSpan.TicksPerMicrosecond),
            DurationMicros = record.DurationMicros,
            FirstByteMicros = record.FirstByteMicros,
            Edge = stored.EdgeId,
            Key = record.KeyId,
            Team = record.TeamId,
            User = record.UserId,
            Customer = record.CustomerId,
            EndUser = record.EndUser,
            Tags = [.. record.Tags],
            Budgets = [.. record.Budgets],
            Operation = record.Operation,
            Model = record.Model,
            Route = record.Route,
            Deployment = record.DeploymentId,
            Provider = record.ProviderId,
            Credential = record.CredentialId,
            Tier = record.Tier,
            TraceId = record.TraceId,
            Session = record.SessionId,
            Status = record.Status,
            Outcome = record.Outcome,
            ErrorCode = record.ErrorCode,
            Stream = record.Stream,
            Attempts = record.Attempts,
            Tokens = record.Tokens,
            Units = record.Units,
            Count = record.Count,
            Estimated = record.Estimated,
            Continued = record.Continued,
            CostNanoUsd = record.CostNanoUsd,
            PriceVersion = record.PriceVersion,
        };
    }
}
