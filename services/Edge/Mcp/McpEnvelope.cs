using System.Text.Json;

namespace Gateway.Edge.Mcp;

/// <summary>What of a JSON-RPC message the edge must know: whether it calls a tool, and which.</summary>
/// <param name="IsToolCall">True for <c>tools/call</c>.</param>
/// <param name="Id">The message's id as JSON, so that a refusal can be told from other answers; empty for none.</param>
/// <param name="Tool">Name of the tool; empty when there is none.</param>
/// <param name="InnerTool">The argument <c>name</c>: the tool that the hub's own <c>call_tool</c> calls. Empty for none.</param>
internal readonly record struct McpEnvelope(bool IsToolCall, ReadOnlyMemory<byte> Id, string Tool, string InnerTool)
{
    private const int MostDepth = 128;
    private const int LongestName = 256;

    /// <summary>Reads a message. What is none is the hub's to refuse.</summary>
    /// <param name="body">The message.</param>
    /// <param name="envelope">What was found.</param>
    /// <returns>False for several messages in one body, which cannot be metered.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> body, out McpEnvelope envelope)
    {
        envelope = default;
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = MostDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return reader.TokenType != JsonTokenType.StartArray;
            }

            var (isCall, id, tool, inner) = (false, default(ReadOnlyMemory<byte>), "", "");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("method"u8))
                {
                    reader.Read();
                    isCall = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("tools/call"u8);
                    reader.Skip();
                }
                else if (reader.ValueTextEquals("id"u8))
                {
                    reader.Read();
                    var start = (int)reader.TokenStartIndex;
                    var isId = reader.TokenType is JsonTokenType.String or JsonTokenType.Number;
                    reader.Skip();
                    id = isId ? body[start..(int)reader.BytesConsumed] : default;
                }
                else if (reader.ValueTextEquals("params"u8))
                {
                    reader.Read();
                    (tool, inner) = reader.TokenType == JsonTokenType.StartObject ? Parameters(ref reader) : ("", "");
                    reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            envelope = new McpEnvelope(isCall, id, tool, inner);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return true;
        }
    }

    private static (string Tool, string Inner) Parameters(ref Utf8JsonReader reader)
    {
        var (tool, inner) = ("", "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                tool = Text(ref reader);
            }
            else if (reader.ValueTextEquals("arguments"u8))
            {
                reader.Read();
                inner = reader.TokenType == JsonTokenType.StartObject ? NameIn(ref reader) : Skipped(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return (tool, inner);
    }

    private static string NameIn(ref Utf8JsonReader reader)
    {
        var name = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            reader.Read();
            name = isName ? Text(ref reader) : name;
            reader.Skip();
        }

        return name;
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return Skipped(ref reader);
        }

        var text = reader.GetString()!;
        return text.Length <= LongestName ? text : text[..LongestName];
    }

    private static string Skipped(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return "";
    }
}
