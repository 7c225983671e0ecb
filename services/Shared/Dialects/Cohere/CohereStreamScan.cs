using System.Text.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>What an event of a Cohere stream is.</summary>
public enum CohereEventKind
{
    /// <summary>No payload: a comment or a keep-alive.</summary>
    Empty = 0,

    /// <summary>A piece of the answer, or an event that means nothing to the gateway.</summary>
    Content = 1,

    /// <summary>The last event, with finish reason and usage.</summary>
    End = 2,

    /// <summary>An error of the provider.</summary>
    Error = 3,

    /// <summary>Not JSON, or no object.</summary>
    Malformed = 4,
}

/// <summary>What one event of a Cohere stream says, read in one pass.</summary>
public struct CohereStreamScan
{
    /// <summary>What the event is.</summary>
    public CohereEventKind Kind { get; private set; }

    /// <summary>True when <see cref="Tokens"/> was reported with this event.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Tokens of the whole answer, when reported.</summary>
    public TokenCounts Tokens { get; private set; }

    /// <summary>Bytes of generated text in this event (text, thinking, plan, arguments), for an estimate when no usage comes.</summary>
    public int TextBytes { get; private set; }

    /// <summary>Reads the payload of one event.</summary>
    public static CohereStreamScan Read(ReadOnlySpan<byte> payload)
    {
        var scan = default(CohereStreamScan);
        payload = payload.TrimEnd((byte)' ');
        if (payload.IsEmpty || payload.SequenceEqual("[DONE]"u8))
        {
            return scan;
        }

        try
        {
            scan.ReadRoot(payload);
        }
        catch (JsonException)
        {
            scan.Kind = CohereEventKind.Malformed;
        }

        return scan;
    }

    private void ReadRoot(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Kind = CohereEventKind.Malformed;
            return;
        }

        Kind = CohereEventKind.Content;
        bool hasType = false, hasMessage = false, isCitation = false, hasError = false;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            var depth = reader.CurrentDepth;
            if (depth == 1 && reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                hasType = reader.TokenType == JsonTokenType.String;
                if (!hasType)
                {
                    reader.Skip();
                    continue;
                }

                Kind = reader.ValueTextEquals("message-end"u8) ? CohereEventKind.End : CohereEventKind.Content;
                isCitation = reader.ValueTextEquals("citation-start"u8);
            }
            else if (depth == 1 && reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                hasMessage = reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }
            else if (depth == 2 && reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                hasError = reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                if (CohereUsage.TryRead(ref reader, out var counts))
                {
                    HasUsage = true;
                    Tokens = counts;
                }
            }
            else if (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("thinking"u8) || reader.ValueTextEquals("tool_plan"u8) || reader.ValueTextEquals("arguments"u8))
            {
                reader.Read();
                TextBytes += reader.TokenType == JsonTokenType.String && !isCitation ? reader.ValueSpan.Length : 0;
                reader.Skip();
            }
        }

        if (hasError || (!hasType && hasMessage))
        {
            Kind = CohereEventKind.Error;
        }
    }
}
