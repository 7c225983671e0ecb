using System.Text.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>What an event of an OpenAI-dialect stream is.</summary>
public enum StreamChunkKind
{
    /// <summary>No payload: a comment or a keep-alive.</summary>
    Empty = 0,

    /// <summary>A chunk of the answer.</summary>
    Content = 1,

    /// <summary>The usage chunk: no choices, and the usage of the whole answer.</summary>
    Usage = 2,

    /// <summary>The terminator: <c>[DONE]</c>, or the last chunk of Perplexity's newer streams, which says so in its <c>object</c>.</summary>
    Done = 3,

    /// <summary>An error of the provider.</summary>
    Error = 4,

    /// <summary>Not JSON, or JSON that is no object.</summary>
    Malformed = 5,
}

/// <summary>What one event of an OpenAI-dialect stream says, read in one pass.</summary>
public struct StreamChunk
{
    /// <summary>What the event is.</summary>
    public StreamChunkKind Kind { get; private set; }

    /// <summary>True when <see cref="Tokens"/> was reported with this event.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Tokens of the whole answer, when reported.</summary>
    public TokenCounts Tokens { get; private set; }

    /// <summary>Bytes of generated text in this event (content, reasoning, refusal, tool arguments), for an estimate when no usage comes.</summary>
    public int TextBytes { get; private set; }

    /// <summary>Where, within the payload, a member <c>usage: null</c> begins with its comma; it is there only because usage was asked for. -1 when there is none.</summary>
    public int NullUsageStart { get; private set; }

    /// <summary>Length of that member with its comma.</summary>
    public int NullUsageLength { get; private set; }

    /// <summary>Reads the payload of one event.</summary>
    public static StreamChunk Read(ReadOnlySpan<byte> payload)
    {
        var chunk = new StreamChunk { NullUsageStart = -1 };
        payload = payload.TrimEnd((byte)' ');
        if (payload.IsEmpty)
        {
            return chunk;
        }

        if (payload.SequenceEqual("[DONE]"u8))
        {
            chunk.Kind = StreamChunkKind.Done;
            return chunk;
        }

        try
        {
            chunk.ReadObject(payload);
        }
        catch (JsonException)
        {
            chunk.Kind = StreamChunkKind.Malformed;
        }

        return chunk;
    }

    private void ReadObject(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Kind = StreamChunkKind.Malformed;
            return;
        }

        Kind = StreamChunkKind.Content;
        var noChoices = false;
        var isLast = false;
        var previousEnd = -1;
        var tier = ReportedTier.Unknown;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                noChoices = ReadChoices(ref reader);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                var nameStart = (int)reader.TokenStartIndex;
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                {
                    MarkNullUsage(payload, previousEnd, nameStart, (int)reader.BytesConsumed);
                }
                else
                {
                    var counts = default(TokenCounts);
                    HasUsage = UsageReader.TryReadUsage(ref reader, ref counts);
                    Tokens = counts;
                }
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                tier = ReportedTiers.Read(ref reader, tier);
            }
            else if (reader.ValueTextEquals("x_groq"u8))
            {
                reader.Read();
                ReadGroq(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                isLast = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("chat.completion.done"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null)
                {
                    Kind = StreamChunkKind.Error;
                }

                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }

            previousEnd = (int)reader.BytesConsumed;
        }

        if (HasUsage && tier != ReportedTier.Unknown)
        {
            Tokens = Tokens with { Tier = tier };
        }

        reader.Read();
        if (isLast && Kind == StreamChunkKind.Content)
        {
            Kind = StreamChunkKind.Done;
        }
        else if (Kind == StreamChunkKind.Content && HasUsage && noChoices)
        {
            Kind = StreamChunkKind.Usage;
        }
    }

    /// <summary>Groq's own place for usage, which it fills whether or not usage was asked for.</summary>
    private void ReadGroq(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = !HasUsage && reader.ValueTextEquals("usage"u8);
            reader.Read();
            var counts = default(TokenCounts);
            if (isUsage && UsageReader.TryReadUsage(ref reader, ref counts))
            {
                HasUsage = true;
                Tokens = counts;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private bool ReadChoices(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        var depth = reader.CurrentDepth;
        var empty = true;
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
        {
            empty = false;
            if (reader.TokenType == JsonTokenType.PropertyName && IsText(ref reader))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    TextBytes += reader.ValueSpan.Length;
                }
            }
        }

        return empty;
    }

    private static bool IsText(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("arguments"u8)
        || reader.ValueTextEquals("reasoning_content"u8) || reader.ValueTextEquals("reasoning"u8) || reader.ValueTextEquals("refusal"u8);

    private void MarkNullUsage(ReadOnlySpan<byte> payload, int previousEnd, int nameStart, int valueEnd)
    {
        if (previousEnd >= 0)
        {
            NullUsageStart = previousEnd;
            NullUsageLength = valueEnd - previousEnd;
            return;
        }

        var comma = payload[valueEnd..].IndexOf((byte)',');
        NullUsageStart = nameStart;
        NullUsageLength = valueEnd - nameStart + (comma < 0 ? 0 : comma + 1);
    }
}
