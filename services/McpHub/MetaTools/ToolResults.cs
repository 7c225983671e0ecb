using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.McpHub.CodeMode;

namespace Gateway.McpHub.MetaTools;

/// <summary>Results of the gateway's own tools, as <c>tools/call</c> answers.</summary>
internal static class ToolResults
{
    /// <summary>A text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isError">True for a failure.</param>
    /// <param name="costNanoUsd">What the calls of a program cost, for the edge; null for anything else.</param>
    public static ReadOnlyMemory<byte> Text(string text, bool isError = false, long? costNanoUsd = null)
    {
        using var buffer = new MemoryStream(text.Length + 64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, text);
            writer.WriteEndObject();
            writer.WriteEndArray();
            if (isError)
            {
                writer.WriteBoolean("isError"u8, true);
            }

            if (costNanoUsd is { } cost)
            {
                writer.WriteStartObject("_meta"u8);
                writer.WriteNumber(WireNames.McpCostMember, cost);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>What came of a program: its result as JSON, then what it printed; or its error with the place and a hint.</summary>
    public static ReadOnlyMemory<byte> Of(ProgramResult result)
    {
        var text = new StringBuilder();
        if (result.Error is { } error)
        {
            text.Append("error: ").Append(error);
        }
        else
        {
            text.Append(Encoding.UTF8.GetString(result.Json!.Value.Span));
        }

        if (result.Printed.Length > 0)
        {
            text.Append("\n\nprinted:\n").Append(result.Printed);
        }

        return Text(text.ToString(), result.Error is not null, result.CostNanoUsd);
    }
}
