using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Snapshots;

namespace Gateway.ControlPlane;

/// <summary>Reads a snapshot's JSON.</summary>
internal static class SnapshotDocument
{
    /// <summary>Reads a whole document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="held">The configuration in force; entries that are the same are taken from it.</param>
    /// <returns>The configuration, or why it cannot be used.</returns>
    public static (SnapshotImage? Image, string? Problem) Read(ReadOnlySpan<byte> json, SnapshotImage held)
    {
        try
        {
            // Before the rest: what a later version wrote may not fit this version's types at all.
            if (PeekFormat(json) is { } format and > GatewaySnapshot.CurrentFormat)
            {
                return (null, $"its format {format} is of a later version (this one knows {GatewaySnapshot.CurrentFormat}): update this service");
            }

            return (held.Read(json), null);
        }
        catch (JsonException fault)
        {
            // The place, not the message: messages may quote values, and values here are secrets.
            return (null, $"it is not a valid snapshot at {fault.Path ?? "$"}, byte {fault.BytePositionInLine}");
        }
    }

    /// <summary>Reads a difference.</summary>
    /// <param name="json">The document.</param>
    /// <param name="held">The configuration it is applied to.</param>
    /// <returns>The configuration it leads to, or why there is none.</returns>
    public static (SnapshotImage? Image, string? Problem) ReadDifference(ReadOnlySpan<byte> json, SnapshotImage held)
    {
        try
        {
            return held.ReadDifference(json) is { } image ? (image, null) : (null, "it does not lead from the configuration in force to the one governance has");
        }
        catch (JsonException)
        {
            return (null, "it cannot be read");
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
