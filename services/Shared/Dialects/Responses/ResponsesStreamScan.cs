using System.Text.Json;

namespace Gateway.Dialects.Responses;

/// <summary>What an event of a Responses stream is.</summary>
public enum ResponsesEventKind
{
    /// <summary>No payload: a comment or a keep-alive.</summary>
    Empty = 0,

    /// <summary>An event of the answer.</summary>
    Content = 1,

    /// <summary>The terminator of a complete answer, <c>response.completed</c>.</summary>
    Completed = 2,

    /// <summary>The terminator of an answer that was cut short, <c>response.incomplete</c>.</summary>
    Incomplete = 3,

    /// <summary>An error of the provider: <c>error</c>, or a response that failed.</summary>
    Error = 4,

    /// <summary>Not JSON, or JSON that is no object.</summary>
    Malformed = 5,

    /// <summary><c>[DONE]</c>, which some providers send after the terminator.</summary>
    Done = 6,
}

/// <summary>What one event of a Responses stream says, read in one pass: enough to pass the event on, count it and know the stream's end.</summary>
public struct ResponsesStreamScan
{
    /// <summary>What the event is.</summary>
    public ResponsesEventKind Kind { get; private set; }

    /// <summary>True when <see cref="Tokens"/> was reported with this event.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>Tokens of the whole answer, when reported.</summary>
    public TokenCounts Tokens { get; private set; }

    /// <summary>Bytes of generated text in this event (text, reasoning, refusal, tool arguments), for an estimate when no usage comes.</summary>
    public int TextBytes { get; private set; }

    /// <summary>Reads one event.</summary>
    /// <param name="eventName">The SSE <c>event</c> field; counts only where the payload does not name its type.</param>
    /// <param name="payload">The event's payload.</param>
    public static ResponsesStreamScan Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload)
    {
        var scan = default(ResponsesStreamScan);
        payload = payload.Trim(" \t\r\n"u8);
        if (payload.IsEmpty)
        {
            return scan;
        }

        if (payload.SequenceEqual("[DONE]"u8))
        {
            scan.Kind = ResponsesEventKind.Done;
            return scan;
        }

        try
        {
            scan.ReadEvent(eventName, payload);
        }
        catch (JsonException)
        {
            scan = new ResponsesStreamScan { Kind = ResponsesEventKind.Malformed };
        }

        return scan;
    }

    /// <summary>Reads only the usage of an event.</summary>
    /// <returns>False when the event reports none.</returns>
    public static bool TryReadUsage(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload, out TokenCounts counts)
    {
        var scan = Read(eventName, payload);
        counts = scan.Tokens;
        return scan.HasUsage;
    }

    private void ReadEvent(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Kind = ResponsesEventKind.Malformed;
            return;
        }

        // The name alone decides unless the payload says otherwise. Members may come in any order.
        var type = TypeOf(eventName);
        var isDelta = eventName.EndsWith(".delta"u8);
        var deltaBytes = 0;
        var status = ResponsesEventKind.Content;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    type = TypeOf(reader.ValueSpan);
                    isDelta = reader.ValueSpan.EndsWith(".delta"u8);
                }

                reader.Skip();
            }
            else if (reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                deltaBytes = reader.TokenType == JsonTokenType.String ? reader.ValueSpan.Length : 0;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("response"u8))
            {
                reader.Read();
                status = ReadResponse(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        reader.Read();
        TextBytes = isDelta ? deltaBytes : 0;
        // A terminator's status is the better witness: some send "completed" for all of them.
        Kind = type is ResponsesEventKind.Completed && status != ResponsesEventKind.Content ? status : type;
    }

    private ResponsesEventKind ReadResponse(ref Utf8JsonReader reader)
    {
        var status = ResponsesEventKind.Content;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return status;
        }

        var tier = ReportedTier.Unknown;
        long searches = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                var counts = default(TokenCounts);
                HasUsage |= ResponsesUsage.TryRead(ref reader, ref counts);
                Tokens = counts;
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                tier = ReportedTiers.Read(ref reader, tier);
            }
            else if (reader.ValueTextEquals("output"u8))
            {
                reader.Read();
                searches = ResponsesUsage.CountSearches(ref reader);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    status = reader.ValueTextEquals("incomplete"u8) ? ResponsesEventKind.Incomplete
                        : reader.ValueTextEquals("failed"u8) || reader.ValueTextEquals("cancelled"u8) ? ResponsesEventKind.Error
                        : reader.ValueTextEquals("completed"u8) ? ResponsesEventKind.Completed : ResponsesEventKind.Content;
                }

                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (HasUsage)
        {
            Tokens = Tokens with { Tier = tier, WebSearches = searches };
        }

        return status;
    }

    private static ResponsesEventKind TypeOf(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("response.completed"u8) || type.SequenceEqual("response.done"u8))
        {
            return ResponsesEventKind.Completed;
        }

        if (type.SequenceEqual("response.incomplete"u8))
        {
            return ResponsesEventKind.Incomplete;
        }

        return type.SequenceEqual("error"u8) || type.SequenceEqual("response.failed"u8) || type.SequenceEqual("response.cancelled"u8)
            ? ResponsesEventKind.Error : ResponsesEventKind.Content;
    }
}
