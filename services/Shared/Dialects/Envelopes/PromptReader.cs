using System.Text.Json;

namespace Gateway.Dialects.Envelopes;

/// <summary>Reads the prompt of a request for what its length does not tell: pictures, documents, and references to content that is elsewhere.</summary>
internal static class PromptReader
{
    public static EnvelopeError Read(ref Utf8JsonReader reader, EnvelopeShape shape, EnvelopeMember member, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.String && member.Role == EnvelopeRole.Prompt)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            // A single object in place of the list is what some of Gemini's own clients send.
            return reader.TokenType == JsonTokenType.StartObject && member.Name == "contents"
                ? Scan(ref reader, shape, JsonTokenType.EndObject, ref envelope)
                : EnvelopeReader.Wrong(ref reader, member.Name, member.Role == EnvelopeRole.PromptArray ? $"'{member.Name}' must be an array." : $"'{member.Name}' must be a string or an array.");
        }

        return Scan(ref reader, shape, JsonTokenType.EndArray, ref envelope);
    }

    private static EnvelopeError Scan(ref Utf8JsonReader reader, EnvelopeShape shape, JsonTokenType end, ref RequestEnvelope envelope)
    {
        var depth = reader.CurrentDepth;
        int documents = 0, addresses = 0;
        while (reader.Read() && !(reader.TokenType == end && reader.CurrentDepth == depth))
        {
            if (reader.TokenType != JsonTokenType.PropertyName || Find(ref reader, shape.MediaTable) is not { } kind)
            {
                continue;
            }

            switch (kind)
            {
                case MediaMemberKind.Item:
                    envelope.Media++;
                    break;
                case MediaMemberKind.Reference:
                    envelope.References++;
                    break;
                case MediaMemberKind.Document:
                    envelope.Media++;
                    documents++;
                    break;
                default:
                    envelope.Media++;
                    addresses++;
                    break;
            }
        }

        envelope.References += Math.Min(documents, addresses);
        return default;
    }

    private static MediaMemberKind? Find(ref Utf8JsonReader reader, MediaMember[] table)
    {
        foreach (var member in table)
        {
            if (!reader.ValueTextEquals(member.Utf8Name))
            {
                continue;
            }

            if (member.Utf8Value is null)
            {
                return member.Kind;
            }

            // Members of one name lie next to each other in the table: they are told apart by the value.
            reader.Read();
            return reader.TokenType == JsonTokenType.String ? FindValue(ref reader, table, member.Utf8Name) : null;
        }

        return null;
    }

    private static MediaMemberKind? FindValue(ref Utf8JsonReader reader, MediaMember[] table, ReadOnlySpan<byte> name)
    {
        foreach (var member in table)
        {
            if (member.Utf8Value is { } value && name.SequenceEqual(member.Utf8Name) && reader.ValueTextEquals(value))
            {
                return member.Kind;
            }
        }

        return null;
    }
}
