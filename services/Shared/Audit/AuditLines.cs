using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Audit;

/// <summary>
/// Rows and checkpoints as lines of JSON. There is one way only to write each: a line that reads well but is written in another way was altered.
/// </summary>
public static class AuditLines
{
    /// <summary>The line of a row, without its end.</summary>
    public static byte[] Write(AuditRow row) => JsonSerializer.SerializeToUtf8Bytes(row, AuditJson.Lines.AuditRow);

    /// <summary>The line of a checkpoint, without its end.</summary>
    public static byte[] Write(AuditCheckpoint checkpoint) => JsonSerializer.SerializeToUtf8Bytes(checkpoint, AuditJson.Lines.AuditCheckpoint);

    /// <summary>The row of a line, or null when it holds none; <paramref name="isExact"/> tells whether the line is written as <see cref="Write(AuditRow)"/> would.</summary>
    public static AuditRow? ReadRow(ReadOnlySpan<byte> line, out bool isExact)
    {
        var row = Read(line, AuditJson.Lines.AuditRow);
        isExact = row is not null && line.SequenceEqual(Write(row));
        return row;
    }

    /// <summary>The checkpoint of a line, or null when it holds none.</summary>
    public static AuditCheckpoint? ReadCheckpoint(ReadOnlySpan<byte> line) => Read(line, AuditJson.Lines.AuditCheckpoint);

    private static T? Read<T>(ReadOnlySpan<byte> line, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text with half a surrogate pair, which a reader finds only when it is asked for the text.
            return null;
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AuditRow))]
[JsonSerializable(typeof(AuditCheckpoint))]
internal sealed partial class AuditJson : JsonSerializerContext
{
    public static AuditJson Lines { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter<CheckpointPurpose>() },
    });
}
