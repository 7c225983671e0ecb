using System.Text.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>What an event of an Anthropic stream is.</summary>
public enum AnthropicEventKind
{
    /// <summary>No payload, a ping, or an event of a kind unknown here.</summary>
    Empty = 0,

    /// <summary>The beginning of the answer, with the tokens of its prompt.</summary>
    Start = 1,

    /// <summary>A piece of the answer.</summary>
    Content = 2,

    /// <summary>Why the answer ends, and its usage.</summary>
    Usage = 3,

    /// <summary>The terminator, <c>message_stop</c>.</summary>
    Terminal = 4,

    /// <summary>An error of the provider.</summary>
    Error = 5,

    /// <summary>Not JSON, or JSON that is no object.</summary>
    Malformed = 6,
}

/// <summary>
/// What the gateway needs to know of an Anthropic stream that it passes on as it is, read in one pass over each event and without allocations. One for each
/// stream; tokens add up over its events.
/// </summary>
public struct AnthropicStreamScan
{
    private UsageTally _tally;

    /// <summary>True when the provider reported usage in any event so far.</summary>
    public readonly bool HasUsage => _tally.IsSet;

    /// <summary>Tokens of the answer so far, as billed.</summary>
    public readonly TokenCounts Tokens => _tally.Billed;

    /// <summary>Bytes of generated text in the last event (text, thinking, tool arguments), for an estimate when no usage comes.</summary>
    public int TextBytes { get; private set; }

    /// <summary>Reads the payload of one event.</summary>
    public AnthropicEventKind Read(ReadOnlySpan<byte> payload)
    {
        TextBytes = 0;
        payload = payload.TrimEnd((byte)' ');
        if (payload.IsEmpty || payload.SequenceEqual("[DONE]"u8))
        {
            return AnthropicEventKind.Empty;
        }

        try
        {
            return ReadObject(payload);
        }
        catch (JsonException)
        {
            return AnthropicEventKind.Malformed;
        }
    }

    private AnthropicEventKind ReadObject(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return AnthropicEventKind.Malformed;
        }

        var kind = AnthropicEventKind.Empty;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                kind = reader.TokenType == JsonTokenType.String ? KindOf(ref reader) : AnthropicEventKind.Empty;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                _tally.Read(ref reader);
            }
            else if (reader.ValueTextEquals("message"u8))
            {
                reader.Read();
                ReadMessage(ref reader);
            }
            else if (reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("content_block"u8))
            {
                reader.Read();
                ReadText(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        reader.Read();
        return kind;
    }

    private static AnthropicEventKind KindOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("content_block_delta"u8) || reader.ValueTextEquals("content_block_start"u8) || reader.ValueTextEquals("content_block_stop"u8))
        {
            return AnthropicEventKind.Content;
        }

        return reader.ValueTextEquals("message_start"u8) ? AnthropicEventKind.Start
            : reader.ValueTextEquals("message_delta"u8) ? AnthropicEventKind.Usage
            : reader.ValueTextEquals("message_stop"u8) ? AnthropicEventKind.Terminal
            : reader.ValueTextEquals("error"u8) ? AnthropicEventKind.Error
            : AnthropicEventKind.Empty;
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var usage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (usage)
            {
                _tally.Read(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var text = reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("thinking"u8) || reader.ValueTextEquals("partial_json"u8);
            reader.Read();
            if (text && reader.TokenType == JsonTokenType.String)
            {
                TextBytes += reader.ValueSpan.Length;
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
