using System.Text.Json;

namespace Gateway.Dialects.Envelopes;

/// <summary>Reads the envelope of a request in one pass over its bytes, without building a document.</summary>
public static class EnvelopeReader
{
    /// <summary>Longest model name in UTF-8 bytes.</summary>
    public const int MaxModelBytes = 512;

    private const int MaxChoices = 128;

    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">The whole body, UTF-8 without a byte order mark.</param>
    /// <param name="shape">The request's format.</param>
    /// <param name="modelInPath">True when the model is known without the body, as when the address names it.</param>
    /// <param name="maxDepth">Deepest nesting allowed; 1 or more.</param>
    /// <param name="envelope">What was read; meaningful only when the result's problem is <see cref="EnvelopeProblem.None"/>.</param>
    public static EnvelopeError Read(ReadOnlySpan<byte> body, EnvelopeShape shape, bool modelInPath, int maxDepth, out RequestEnvelope envelope)
    {
        envelope = new RequestEnvelope { Choices = 1, MaxOutputTokens = -1, MetadataStart = -1, ModelStart = -1, Stream = shape.AlwaysStream };
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            return ReadObject(ref reader, body, shape, modelInPath, ref envelope);
        }
        catch (JsonException e)
        {
            return IsTooDeep(reader, body, maxDepth)
                ? new EnvelopeError(EnvelopeProblem.TooDeep, null, $"The body is nested deeper than {maxDepth} levels.")
                : new EnvelopeError(EnvelopeProblem.Malformed, null, $"The body is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    /// <summary>True when the labels of <paramref name="envelope"/> have a member called <paramref name="name"/>.</summary>
    public static bool HasMetadata(ReadOnlySpan<byte> body, in RequestEnvelope envelope, string name)
    {
        if (envelope.MetadataStart < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(body.Slice(envelope.MetadataStart, envelope.MetadataLength));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static EnvelopeError ReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, EnvelopeShape shape, bool modelInPath, ref RequestEnvelope envelope)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return new EnvelopeError(EnvelopeProblem.NotAnObject, null, "The body must be a JSON object.");
        }

        envelope.BodyStart = (int)reader.BytesConsumed;
        var seen = 0u;
        EnvelopeError first = default;
        ReadMembers(ref reader, shape, shape.Members, ref envelope, ref seen, ref first);
        // Anything but white space after the object makes the reader throw here.
        reader.Read();
        if (first.Problem != EnvelopeProblem.None)
        {
            return first;
        }

        if (envelope.ModelStart < 0 && !modelInPath)
        {
            return new EnvelopeError(EnvelopeProblem.Missing, "model", "'model' is required: the name of a model as listed by GET /v1/models.");
        }

        foreach (var required in shape.Required)
        {
            if ((seen & required.Bit) == 0)
            {
                return new EnvelopeError(EnvelopeProblem.Missing, required.Name, $"'{required.Name}' is required.");
            }
        }

        return default;
    }

    private static void ReadMembers(ref Utf8JsonReader reader, EnvelopeShape shape, EnvelopeMember[] members, ref RequestEnvelope envelope, ref uint seen, ref EnvelopeError first)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var member = Find(ref reader, members);
            reader.Read();
            if (member is null)
            {
                reader.Skip();
                continue;
            }

            EnvelopeError error;
            if ((seen & member.Bit) != 0)
            {
                reader.Skip();
                error = new EnvelopeError(EnvelopeProblem.Duplicate, member.Path, $"'{member.Path}' is given twice; give it once.");
            }
            else
            {
                seen |= member.Bit;
                error = member.Role == EnvelopeRole.Fallbacks ? NoteFallbacks(ref reader, start, ref envelope) : ReadMember(ref reader, shape, member, ref envelope, ref seen, ref first);
            }

            // The whole body is read even after a problem: a syntax error further on is the more useful thing to report.
            if (error.Problem != EnvelopeProblem.None && first.Problem == EnvelopeProblem.None)
            {
                first = error;
            }
        }
    }

    private static EnvelopeError NoteFallbacks(ref Utf8JsonReader reader, int start, ref RequestEnvelope envelope)
    {
        reader.Skip();
        (envelope.FallbacksStart, envelope.FallbacksLength) = (start, (int)reader.BytesConsumed - start);
        return default;
    }

    /// <summary>Where a text is; nowhere when the value is none.</summary>
    private static (int Start, int Length) Note(ref Utf8JsonReader reader)
    {
        var (start, isText) = ((int)reader.TokenStartIndex, reader.TokenType == JsonTokenType.String);
        reader.Skip();
        return isText ? (start, (int)reader.BytesConsumed - start) : default;
    }

    private static EnvelopeMember? Find(ref Utf8JsonReader reader, EnvelopeMember[] members)
    {
        foreach (var member in members)
        {
            if (reader.ValueTextEquals(member.Utf8Name))
            {
                return member;
            }
        }

        return null;
    }

    private static EnvelopeError ReadMember(ref Utf8JsonReader reader, EnvelopeShape shape, EnvelopeMember member, ref RequestEnvelope envelope, ref uint seen, ref EnvelopeError first)
    {
        switch (member.Role)
        {
            case EnvelopeRole.Model:
                return ReadModel(ref reader, ref envelope);
            case EnvelopeRole.PromptArray or EnvelopeRole.Prompt:
                return PromptReader.Read(ref reader, shape, member, ref envelope);
            case EnvelopeRole.Stream:
                return ReadStream(ref reader, ref envelope);
            case EnvelopeRole.Cap:
                return ReadCap(ref reader, member, ref envelope);
            case EnvelopeRole.Choices:
                return ReadChoices(ref reader, member, ref envelope);
            case EnvelopeRole.StreamOptions:
                return StreamOptionsReader.Read(ref reader, ref envelope);
            case EnvelopeRole.Metadata:
                return ReadMetadata(ref reader, member, ref envelope);
            case EnvelopeRole.Tier when reader.TokenType == JsonTokenType.String:
                envelope.IsTierLeft = reader.ValueTextEquals("auto"u8);
                envelope.Tier = ReportedTiers.Read(ref reader, ReportedTier.Unknown);
                return default;
            case EnvelopeRole.User:
                (envelope.UserStart, envelope.UserLength) = Note(ref reader);
                return default;
            case EnvelopeRole.SafetyIdentifier:
                (envelope.SafetyIdentifierStart, envelope.SafetyIdentifierLength) = Note(ref reader);
                return default;
            case EnvelopeRole.Tools or EnvelopeRole.NamedTools:
                ToolsReader.Read(ref reader, member.Role == EnvelopeRole.NamedTools, ref envelope);
                return default;
            case EnvelopeRole.Any or EnvelopeRole.Tier:
                reader.Skip();
                return default;
            case EnvelopeRole.Reference:
                envelope.References += reader.TokenType == JsonTokenType.Null ? 0 : 1;
                reader.Skip();
                return default;
            case EnvelopeRole.Group when reader.TokenType == JsonTokenType.StartObject:
                ReadMembers(ref reader, shape, member.Children, ref envelope, ref seen, ref first);
                return default;
            default:
                return reader.TokenType == JsonTokenType.Null ? default : Wrong(ref reader, member.Path, $"'{member.Path}' must be an object.");
        }
    }

    // The reader throws the same exception for both; it stopped before the bracket that would have been one too many.
    private static bool IsTooDeep(in Utf8JsonReader reader, ReadOnlySpan<byte> body, int maxDepth)
    {
        var open = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
        return open >= maxDepth && body[(int)reader.BytesConsumed..].TrimStart(" \t\r\n,:"u8) is [(byte)'[' or (byte)'{', ..];
    }

    private static EnvelopeError ReadModel(ref Utf8JsonReader reader, ref RequestEnvelope envelope)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return Wrong(ref reader, "model", "'model' must be a string.");
        }

        if (reader.ValueSpan.Length is 0 or > MaxModelBytes)
        {
            return new EnvelopeError(EnvelopeProblem.WrongType, "model", $"'model' must have 1 to {MaxModelBytes} bytes.");
        }

        envelope.ModelStart = (int)reader.TokenStartIndex;
        envelope.ModelLength = (int)(reader.BytesConsumed - reader.TokenStartIndex);
        envelope.ModelEscaped = reader.ValueIsEscaped;
        return default;
    }

    private static EnvelopeError ReadStream(ref Utf8JsonReader reader, ref RequestEnvelope envelope)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                envelope.Stream = true;
                return default;
            case JsonTokenType.False or JsonTokenType.Null:
                return default;
            default:
                return Wrong(ref reader, "stream", "'stream' must be true or false.");
        }
    }

    private static EnvelopeError ReadCap(ref Utf8JsonReader reader, EnvelopeMember member, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || value is < 0 or > 1_000_000_000)
        {
            return Wrong(ref reader, member.Path, $"'{member.Path}' must be a whole number from 0 to 1,000,000,000.");
        }

        // With several caps given the largest one bounds what may be used.
        envelope.MaxOutputTokens = Math.Max(envelope.MaxOutputTokens, value);
        return default;
    }

    private static EnvelopeError ReadChoices(ref Utf8JsonReader reader, EnvelopeMember member, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var value) || value is < 1 or > MaxChoices)
        {
            return Wrong(ref reader, member.Path, $"'{member.Path}' must be a whole number from 1 to {MaxChoices}.");
        }

        envelope.Choices = Math.Max(envelope.Choices, value);
        return default;
    }

    private static EnvelopeError ReadMetadata(ref Utf8JsonReader reader, EnvelopeMember member, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Wrong(ref reader, member.Path, $"'{member.Path}' must be an object.");
        }

        envelope.MetadataStart = (int)reader.TokenStartIndex;
        reader.Skip();
        envelope.MetadataLength = (int)reader.BytesConsumed - envelope.MetadataStart;
        return default;
    }

    internal static EnvelopeError Wrong(ref Utf8JsonReader reader, string name, string detail)
    {
        reader.Skip();
        return new EnvelopeError(EnvelopeProblem.WrongType, name, detail);
    }
}
