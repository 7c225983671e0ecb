using System.Text.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads the envelope of an OpenAI-dialect request in one pass over its bytes, without building a document.</summary>
public static class EnvelopeReader
{
    /// <summary>Longest model name in UTF-8 bytes.</summary>
    public const int MaxModelBytes = 512;

    private const int MaxChoices = 128;

    [Flags]
    private enum Seen
    {
        None = 0,
        Model = 1,
        Stream = 2,
        MaxTokens = 4,
        MaxCompletionTokens = 8,
        Choices = 16,
        StreamOptions = 32,
        Metadata = 64,
        Prompt = 128,
        IncludeUsage = 256,
        Fallbacks = 512,
    }

    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">The whole body, UTF-8 without a byte order mark.</param>
    /// <param name="prompt">The member that must carry the prompt.</param>
    /// <param name="maxDepth">Deepest nesting allowed; 1 or more.</param>
    /// <param name="envelope">What was read; meaningful only when the result's problem is <see cref="EnvelopeProblem.None"/>.</param>
    public static EnvelopeError Read(ReadOnlySpan<byte> body, PromptMember prompt, int maxDepth, out RequestEnvelope envelope)
    {
        envelope = new RequestEnvelope { Choices = 1, MaxOutputTokens = -1, MetadataStart = -1 };
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            return ReadObject(ref reader, body, prompt, ref envelope);
        }
        catch (JsonException e)
        {
            return IsTooDeep(reader, body, maxDepth)
                ? new EnvelopeError(EnvelopeProblem.TooDeep, null, $"The body is nested deeper than {maxDepth} levels.")
                : new EnvelopeError(EnvelopeProblem.Malformed, null, $"The body is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    /// <summary>True when the metadata object of <paramref name="envelope"/> has a member called <paramref name="name"/>.</summary>
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

    private static EnvelopeError ReadObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, PromptMember prompt, ref RequestEnvelope envelope)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return new EnvelopeError(EnvelopeProblem.NotAnObject, null, "The body must be a JSON object.");
        }

        envelope.BodyStart = (int)reader.BytesConsumed;
        var seen = Seen.None;
        EnvelopeError first = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The whole body is read even after a problem: a syntax error further on is the more useful thing to report.
            var error = ReadMember(ref reader, body, prompt, ref envelope, ref seen);
            if (error.Problem != EnvelopeProblem.None && first.Problem == EnvelopeProblem.None)
            {
                first = error;
            }
        }

        // Anything but white space after the object makes the reader throw here.
        reader.Read();

        if (first.Problem != EnvelopeProblem.None)
        {
            return first;
        }

        if ((seen & Seen.Model) == 0)
        {
            return new EnvelopeError(EnvelopeProblem.Missing, "model", "'model' is required: the name of a model as listed by GET /v1/models.");
        }

        return (seen & Seen.Prompt) == 0
            ? new EnvelopeError(EnvelopeProblem.Missing, Name(prompt), $"'{Name(prompt)}' is required.")
            : default;
    }

    private static EnvelopeError ReadMember(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, PromptMember prompt, ref RequestEnvelope envelope, ref Seen seen)
    {
        if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.Model, "model", ref reader) ?? ReadModel(ref reader, ref envelope);
        }

        if (IsPrompt(ref reader, prompt))
        {
            reader.Read();
            return Once(ref seen, Seen.Prompt, Name(prompt), ref reader) ?? ReadPrompt(ref reader, prompt, ref envelope);
        }

        if (reader.ValueTextEquals("stream"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.Stream, "stream", ref reader) ?? ReadStream(ref reader, ref envelope);
        }

        if (reader.ValueTextEquals("max_tokens"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.MaxTokens, "max_tokens", ref reader) ?? ReadCap(ref reader, "max_tokens", ref envelope);
        }

        if (reader.ValueTextEquals("max_completion_tokens"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.MaxCompletionTokens, "max_completion_tokens", ref reader) ?? ReadCap(ref reader, "max_completion_tokens", ref envelope);
        }

        if (reader.ValueTextEquals("n"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.Choices, "n", ref reader) ?? ReadChoices(ref reader, ref envelope);
        }

        if (reader.ValueTextEquals("stream_options"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.StreamOptions, "stream_options", ref reader) ?? ReadStreamOptions(ref reader, ref envelope, ref seen);
        }

        if (reader.ValueTextEquals("metadata"u8))
        {
            reader.Read();
            return Once(ref seen, Seen.Metadata, "metadata", ref reader) ?? ReadMetadata(ref reader, ref envelope);
        }

        if (reader.ValueTextEquals("fallbacks"u8))
        {
            var start = (int)reader.TokenStartIndex;
            reader.Read();
            return Once(ref seen, Seen.Fallbacks, "fallbacks", ref reader) ?? NoteFallbacks(ref reader, start, ref envelope);
        }

        reader.Read();
        reader.Skip();
        return default;
    }

    private static EnvelopeError NoteFallbacks(ref Utf8JsonReader reader, int start, ref RequestEnvelope envelope)
    {
        reader.Skip();
        (envelope.FallbacksStart, envelope.FallbacksLength) = (start, (int)reader.BytesConsumed - start);
        return default;
    }

    // The reader throws the same exception for both; it stopped before the bracket that would have been one too many.
    private static bool IsTooDeep(in Utf8JsonReader reader, ReadOnlySpan<byte> body, int maxDepth)
    {
        var open = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
        return open >= maxDepth && body[(int)reader.BytesConsumed..].TrimStart(" \t\r\n,:"u8) is [(byte)'[' or (byte)'{', ..];
    }

    private static EnvelopeError? Once(ref Seen seen, Seen member, string name, ref Utf8JsonReader reader)
    {
        if ((seen & member) == 0)
        {
            seen |= member;
            return null;
        }

        reader.Skip();
        return new EnvelopeError(EnvelopeProblem.Duplicate, name, $"'{name}' is given twice; give it once.");
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

    private static EnvelopeError ReadPrompt(ref Utf8JsonReader reader, PromptMember prompt, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.String && prompt != PromptMember.Messages)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Wrong(ref reader, Name(prompt), prompt == PromptMember.Messages ? "'messages' must be an array." : $"'{Name(prompt)}' must be a string or an array.");
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
        {
            // "image_url" stands twice in a part: as its type and as the member that holds the address; only the member is counted.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("image_url"u8))
            {
                envelope.ImageParts++;
            }
        }

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

    private static EnvelopeError ReadCap(ref Utf8JsonReader reader, string name, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || value is < 0 or > 1_000_000_000)
        {
            return Wrong(ref reader, name, $"'{name}' must be a whole number from 0 to 1,000,000,000.");
        }

        // With both caps given the larger one bounds what may be used.
        envelope.MaxOutputTokens = Math.Max(envelope.MaxOutputTokens, value);
        return default;
    }

    private static EnvelopeError ReadChoices(ref Utf8JsonReader reader, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var value) || value is < 1 or > MaxChoices)
        {
            return Wrong(ref reader, "n", $"'n' must be a whole number from 1 to {MaxChoices}.");
        }

        envelope.Choices = value;
        return default;
    }

    private static EnvelopeError ReadStreamOptions(ref Utf8JsonReader reader, ref RequestEnvelope envelope, ref Seen seen)
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
            return Wrong(ref reader, "stream_options", "'stream_options' must be an object.");
        }

        envelope.StreamUsageStart = (int)reader.BytesConsumed;
        envelope.StreamUsage = StreamUsage.EmptyOptions;
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
            if (Once(ref seen, Seen.IncludeUsage, "stream_options.include_usage", ref reader) is { } duplicate)
            {
                SkipRest(ref reader);
                return duplicate;
            }

            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
            {
                var wrong = Wrong(ref reader, "stream_options.include_usage", "'include_usage' must be true or false.");
                SkipRest(ref reader);
                return wrong;
            }

            envelope.StreamUsage = reader.TokenType == JsonTokenType.True ? StreamUsage.Requested : StreamUsage.Declined;
            envelope.StreamUsageStart = (int)reader.TokenStartIndex;
            envelope.StreamUsageLength = (int)(reader.BytesConsumed - reader.TokenStartIndex);
        }

        return default;
    }

    private static EnvelopeError ReadMetadata(ref Utf8JsonReader reader, ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Wrong(ref reader, "metadata", "'metadata' must be an object.");
        }

        envelope.MetadataStart = (int)reader.TokenStartIndex;
        reader.Skip();
        envelope.MetadataLength = (int)reader.BytesConsumed - envelope.MetadataStart;
        return default;
    }

    private static EnvelopeError Wrong(ref Utf8JsonReader reader, string name, string detail)
    {
        reader.Skip();
        return new EnvelopeError(EnvelopeProblem.WrongType, name, detail);
    }

    private static void SkipRest(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Skip();
        }
    }

    private static bool IsPrompt(ref Utf8JsonReader reader, PromptMember prompt) => prompt switch
    {
        PromptMember.Messages => reader.ValueTextEquals("messages"u8),
        PromptMember.Prompt => reader.ValueTextEquals("prompt"u8),
        _ => reader.ValueTextEquals("input"u8),
    };

    private static string Name(PromptMember prompt) => prompt switch
    {
        PromptMember.Messages => "messages",
        PromptMember.Prompt => "prompt",
        _ => "input",
    };
}
