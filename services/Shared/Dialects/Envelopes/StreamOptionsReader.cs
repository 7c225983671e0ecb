using System.Text.Json;

namespace Gateway.Dialects.Envelopes;

/// <summary>Reads OpenAI's <c>stream_options</c> for whether, and where, a body asks for usage.</summary>
internal static class StreamOptionsReader
{
    public static EnvelopeError Read(ref Utf8JsonReader reader, ref RequestEnvelope envelope)
    {
        envelope.StreamUsageStart = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.Null)
        {
            envelope.StreamUsage = StreamUsage.NullOptions;
            envelope.StreamUsageLength = 4;
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return EnvelopeReader.Wrong(ref reader, "stream_options", "'stream_options' must be an object.");
        }

        envelope.StreamUsageStart = (int)reader.BytesConsumed;
        envelope.StreamUsage = StreamUsage.EmptyOptions;
        var seen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("include_usage"u8))
            {
                if (envelope.StreamUsage == StreamUsage.EmptyOptions)
                {
                    envelope.StreamUsage = StreamUsage.OtherOptions;
                }

                reader.Skip();
                continue;
            }

            reader.Read();
            if (seen)
            {
                return Refuse(ref reader, new EnvelopeError(EnvelopeProblem.Duplicate, "stream_options.include_usage", "'stream_options.include_usage' is given twice; give it once."));
            }

            seen = true;
            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
            {
                return Refuse(ref reader, new EnvelopeError(EnvelopeProblem.WrongType, "stream_options.include_usage", "'include_usage' must be true or false."));
            }

            envelope.StreamUsage = reader.TokenType == JsonTokenType.True ? StreamUsage.Requested : StreamUsage.Declined;
            envelope.StreamUsageStart = (int)reader.TokenStartIndex;
            envelope.StreamUsageLength = (int)(reader.BytesConsumed - reader.TokenStartIndex);
        }

        return default;
    }

    private static EnvelopeError Refuse(ref Utf8JsonReader reader, EnvelopeError error)
    {
        reader.Skip();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Skip();
        }

        return error;
    }
}
