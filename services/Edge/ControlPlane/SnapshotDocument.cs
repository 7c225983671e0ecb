using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.ControlPlane;

/// <summary>Reads a snapshot's JSON.</summary>
internal static class SnapshotDocument
{
    /// <summary>Reads a document.</summary>
    /// <returns>The snapshot, or why it cannot be used.</returns>
    public static (GatewaySnapshot? Snapshot, string? Problem) Read(ReadOnlySpan<byte> json)
    {
        try
        {
            // Before the rest: what a later version wrote may not fit this version's types at all.
            if (PeekFormat(json) is { } format and > GatewaySnapshot.CurrentFormat)
            {
                return (null, $"its format {format} is of a later version (this one knows {GatewaySnapshot.CurrentFormat}): update this edge");
            }

            return JsonSerializer.Deserialize(json, ContractsJson.Default.GatewaySnapshot) is { } snapshot
                ? (snapshot, null)
                : (null, "it is empty");
        }
        catch (JsonException fault)
        {
            // The place, not the message: messages may quote values, and values here are secrets.
            return (null, $"it is not a valid snapshot at {fault.Path ?? "$"}, byte {fault.BytePositionInLine}");
        }
    }

    private static int? PeekFormat(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFormat = reader.ValueTextEquals("format"u8);
            _ = reader.Read();
            if (isFormat && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var format))
            {
                return format;
            }

            reader.Skip();
        }

        return null;
    }
}
