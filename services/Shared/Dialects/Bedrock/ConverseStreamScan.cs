using System.Text.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>What an event of a ConverseStream is.</summary>
public enum ConverseEventKind
{
    /// <summary>An event of a kind unknown here.</summary>
    Empty = 0,

    /// <summary>The beginning of the answer.</summary>
    Start = 1,

    /// <summary>A piece of the answer.</summary>
    Content = 2,

    /// <summary>The end of the answer, <c>messageStop</c>; its usage still follows.</summary>
    Terminal = 3,

    /// <summary>The answer's usage.</summary>
    Usage = 4,

    /// <summary>An exception.</summary>
    Error = 5,

    /// <summary>Not JSON, or JSON that is no object.</summary>
    Malformed = 6,
}

/// <summary>
/// What the gateway needs to know of a ConverseStream that it passes on as it is, read in one pass over each event and without allocations. One for each stream.
/// </summary>
public struct ConverseStreamScan
{
    private TokenCounts _tokens;

    /// <summary>True once the provider reported usage.</summary>
    public bool HasUsage { get; private set; }

    /// <summary>True once the answer's end came: a stream that closes without it was cut.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Tokens of the answer, when reported.</summary>
    public readonly TokenCounts Tokens => _tokens;

    /// <summary>Bytes of generated text in the last event (text, reasoning, tool arguments), for an estimate when no usage comes.</summary>
    public int TextBytes { get; private set; }

    /// <summary>Reads one event.</summary>
    /// <param name="eventName">Its <c>:event-type</c> or <c>:exception-type</c>.</param>
    /// <param name="payload">Its payload.</param>
    public ConverseEventKind Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> payload)
    {
        TextBytes = 0;
        var kind = KindOf(eventName);
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return ConverseEventKind.Malformed;
            }

            if (kind == ConverseEventKind.Usage)
            {
                HasUsage |= BedrockUsage.ReadMember(ref reader, ref _tokens);
            }

            while (reader.Read())
            {
                if (kind == ConverseEventKind.Content && reader.TokenType == JsonTokenType.PropertyName && (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("input"u8)))
                {
                    reader.Read();
                    TextBytes += reader.TokenType == JsonTokenType.String ? reader.ValueSpan.Length : 0;
                }
            }
        }
        catch (JsonException)
        {
            return ConverseEventKind.Malformed;
        }

        IsWhole |= kind == ConverseEventKind.Terminal;
        return kind;
    }

    internal static bool IsException(ReadOnlySpan<byte> eventName) =>
        eventName.EndsWith("Exception"u8) || eventName.EndsWith("Error"u8) || eventName.EndsWith("Failure"u8);

    private static ConverseEventKind KindOf(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("contentBlock"u8))
        {
            return ConverseEventKind.Content;
        }

        return name.SequenceEqual("messageStart"u8) ? ConverseEventKind.Start
            : name.SequenceEqual("messageStop"u8) ? ConverseEventKind.Terminal
            : name.SequenceEqual("metadata"u8) ? ConverseEventKind.Usage
            : IsException(name) ? ConverseEventKind.Error
            : ConverseEventKind.Empty;
    }
}
