using System.Globalization;
using System.Text.Json;
using Gateway.Contracts.Usage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Exports;

/// <summary>Records as OTLP log records in its JSON encoding: ids in hexadecimal, whole numbers of 64 bits as text.</summary>
internal static class OtlpLogs
{
    private const int Information = 9;
    private const int Error = 17;

    public static byte[] Write(IReadOnlyList<ExportRow> rows)
    {
        using var buffer = new MemoryStream(rows.Count * 1_024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("resourceLogs"u8);
            writer.WriteStartObject();
            writer.WriteStartObject("resource"u8);
            writer.WriteStartArray("attributes"u8);
            Text(writer, "service.name", "governance");
            Text(writer, "service.namespace", "gateway");
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteStartArray("scopeLogs"u8);
            writer.WriteStartObject();
            writer.WriteStartObject("scope"u8);
            writer.WriteString("name"u8, "Gateway.Usage"u8);
            writer.WriteEndObject();
            writer.WriteStartArray("logRecords"u8);
            foreach (var row in rows)
            {
                Record(writer, JsonSerializer.Deserialize(row.Body, UsageJson.Default.UsageRecordView)!);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Record(Utf8JsonWriter writer, UsageRecordView record)
    {
        var failed = record.Outcome is not (RequestOutcome.Completed or RequestOutcome.ClientCancelled or RequestOutcome.Rejected);
        var nanos = (record.StartedAt - DateTimeOffset.UnixEpoch).Ticks * 100;
        writer.WriteStartObject();
        writer.WriteString("timeUnixNano"u8, nanos.ToString(CultureInfo.InvariantCulture));
        writer.WriteNumber("severityNumber"u8, failed ? Error : Information);
        writer.WriteString("severityText"u8, failed ? "ERROR" : "INFO");
        writer.WriteString("eventName"u8, "gateway.usage"u8);
        writer.WriteStartObject("body"u8);
        writer.WriteString("stringValue"u8, $"{record.Operation} {record.Model} {record.Status} {record.Outcome}");
        writer.WriteEndObject();
        if (record.TraceId is { Length: 32 } trace)
        {
            writer.WriteString("traceId"u8, trace);
        }

        writer.WriteStartArray("attributes"u8);
        Text(writer, "gateway.record.id", record.Id);
        Text(writer, "gateway.edge", record.Edge);
        Text(writer, "gateway.key.id", record.Key);
        Text(writer, "gateway.team.id", record.Team);
        Text(writer, "gateway.customer.id", record.Customer);
        Text(writer, "user.id", record.EndUser);
        Text(writer, "session.id", record.Session);
        Text(writer, "gen_ai.operation.name", OperationOf(record.Operation));
        Text(writer, "gen_ai.request.model", record.Model);
        Text(writer, "gateway.route", record.Route);
        Text(writer, "gateway.provider", record.Provider);
        Text(writer, "gateway.deployment", record.Deployment);
        Text(writer, "gateway.outcome", record.Outcome.ToString());
        Text(writer, "error.type", record.ErrorCode);
        Whole(writer, "http.response.status_code", record.Status);
        Whole(writer, "gateway.attempts", record.Attempts);
        Whole(writer, "gateway.duration_us", record.DurationMicros);
        Whole(writer, "gateway.first_byte_us", record.FirstByteMicros);
        var tokens = record.Tokens;
        Whole(writer, "gen_ai.usage.input_tokens", tokens.Input + tokens.CacheRead + tokens.CacheWrite + tokens.CacheWriteHour + tokens.AudioInput + tokens.AudioCacheRead + tokens.ImageInput + tokens.ImageCacheRead);
        Whole(writer, "gen_ai.usage.output_tokens", tokens.Output + tokens.Reasoning + tokens.AudioOutput + tokens.ImageOutput);
        Whole(writer, "gateway.cost.nano_usd", record.CostNanoUsd);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string OperationOf(Operation operation) => operation switch
    {
        Operation.Chat => "chat",
        Operation.Completion => "text_completion",
        Operation.Embedding => "embeddings",
        _ => operation.ToString().ToLowerInvariant(),
    };

    private static void Text(Utf8JsonWriter writer, string key, string? value)
    {
        if (value is { Length: > 0 })
        {
            Begin(writer, key);
            writer.WriteString("stringValue"u8, value);
            End(writer);
        }
    }

    private static void Whole(Utf8JsonWriter writer, string key, long value)
    {
        Begin(writer, key);
        writer.WriteString("intValue"u8, value.ToString(CultureInfo.InvariantCulture));
        End(writer);
    }

    private static void Begin(Utf8JsonWriter writer, string key)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key);
        writer.WriteStartObject("value"u8);
    }

    private static void End(Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
