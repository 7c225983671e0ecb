using System.Text.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>What an event of a Gemini stream is.</summary>
public enum GeminiEventKind
{
    /// <summary>No payload: a comment, a keep-alive, the end of an array.</summary>
    Empty = 0,

    /// <summary>A piece of the answer.</summary>
    Content = 1,

    /// <summary>A piece with a finish reason, or the news that the prompt was blocked: with the last candidate's the answer is whole.</summary>
    Finish = 2,

    /// <summary>An error of the provider.</summary>
    Error = 3,

    /// <summary>Not JSON, or no object.</summary>
    Malformed = 4,
}

/// <summary>What one event of a Gemini stream says, read in one pass.</summary>
public struct GeminiStreamScan
{
    /// <summary>What the event is.</summary>
    public GeminiEventKind Kind { get; private set; }

    /// <summary>True when <see cref="Tokens"/> was reported with this event.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Tokens of the whole answer so far, when reported.</summary>
    public TokenCounts Tokens { get; private set; }

    /// <summary>Searches of the web that this event lists.</summary>
    public int WebSearches { get; private set; }

    /// <summary>Bytes of generated text in this event (text, thoughts, arguments), for an estimate when no usage comes.</summary>
    public int TextBytes { get; private set; }

    /// <summary>Reads the payload of one event: the data of a server-sent event, or an element of an array.</summary>
    public static GeminiStreamScan Read(ReadOnlySpan<byte> payload)
    {
        var scan = default(GeminiStreamScan);
        payload = payload.Trim(" \r\n\t"u8);
        if (payload.IsEmpty)
        {
            return scan;
        }

        try
        {
            scan.ReadRoot(payload);
        }
        catch (JsonException)
        {
            scan.Kind = GeminiEventKind.Malformed;
        }

        return scan;
    }

    private void ReadRoot(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        if (isArray)
        {
            reader.Read();
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Kind = GeminiEventKind.Malformed;
            return;
        }

        Kind = GeminiEventKind.Content;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("candidates"u8))
            {
                reader.Read();
                ReadCandidates(ref reader);
            }
            else if (GeminiUsage.IsUsage(ref reader))
            {
                reader.Read();
                if (GeminiUsage.TryRead(ref reader, out var counts))
                {
                    HasUsage = true;
                    Tokens = counts;
                }
            }
            else if (reader.ValueTextEquals("promptFeedback"u8) || reader.ValueTextEquals("prompt_feedback"u8))
            {
                reader.Read();
                ReadFeedback(ref reader);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                Kind = reader.TokenType == JsonTokenType.Null ? Kind : GeminiEventKind.Error;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        while (reader.Read())
        {
            // Whatever follows the object must be JSON as well.
        }
    }

    private void ReadCandidates(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        var depth = reader.CurrentDepth;
        var argumentsDepth = int.MaxValue;
        HashSet<string>? queries = null;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.CurrentDepth <= argumentsDepth)
            {
                argumentsDepth = int.MaxValue;
            }

            if (reader.TokenType == JsonTokenType.PropertyName && argumentsDepth == int.MaxValue)
            {
                if (reader.ValueTextEquals("text"u8))
                {
                    Count(ref reader);
                }
                else if (reader.ValueTextEquals("finishReason"u8) || reader.ValueTextEquals("finish_reason"u8))
                {
                    reader.Read();
                    Kind = reader.TokenType == JsonTokenType.String && Kind != GeminiEventKind.Error ? GeminiEventKind.Finish : Kind;
                }
                else if (reader.ValueTextEquals("args"u8) || reader.ValueTextEquals("partialArgs"u8))
                {
                    argumentsDepth = reader.CurrentDepth;
                    reader.Read();
                }
                else if (GeminiSearches.IsGrounding(ref reader))
                {
                    reader.Read();
                    GeminiSearches.CountGrounding(ref reader, ref queries);
                }
                else if (reader.ValueTextEquals("logprobsResult"u8))
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            else if (argumentsDepth != int.MaxValue && reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.PropertyName)
            {
                TextBytes += reader.ValueSpan.Length;
            }
        }

        WebSearches = queries?.Count ?? 0;
    }

    private void Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            TextBytes += reader.ValueSpan.Length;
        }
        else
        {
            reader.Skip();
        }
    }

    private void ReadFeedback(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReason = reader.ValueTextEquals("blockReason"u8) || reader.ValueTextEquals("block_reason"u8);
            reader.Read();
            if (isReason && reader.TokenType == JsonTokenType.String)
            {
                Kind = GeminiEventKind.Finish;
            }

            reader.Skip();
        }
    }
}
