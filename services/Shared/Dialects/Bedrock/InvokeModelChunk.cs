using System.Text.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>
/// The event <c>chunk</c> of InvokeModelWithResponseStream: an event of the model's own dialect as base64 in the member <c>bytes</c>, beside padding.
/// </summary>
public static class InvokeModelChunk
{
    /// <summary>Takes the event out of a chunk's payload.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="inner">The event's bytes.</param>
    /// <returns>False when the payload is no chunk.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out byte[] inner)
    {
        inner = [];
        var reader = new Utf8JsonReader(payload);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var bytes = reader.ValueTextEquals("bytes"u8);
                reader.Read();
                if (bytes)
                {
                    return reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out inner!);
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Told by the result.
        }

        inner ??= [];
        return false;
    }
}
