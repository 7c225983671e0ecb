using System.Text.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Anthropic;

/// <summary>
/// Reads and writes Anthropic's <c>usage</c>. <c>input_tokens</c> leaves out what was read from or written to the cache; <c>output_tokens</c> includes thinking.
/// </summary>
public static class AnthropicUsage
{
    /// <summary>Reads what a whole answer is billed for, in one pass over its bytes.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts) => WholeAnswer.Read(answer, out counts, ReadMembers);

    private static bool ReadMembers(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        var tally = default(UsageTally);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                tally.Read(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        counts = tally.Billed;
        return tally.IsSet;
    }

    /// <summary>Writes the members of a <c>usage</c> object; the writer stands within it.</summary>
    internal static void WriteMembers(Utf8JsonWriter writer, in TokenCounts counts)
    {
        writer.WriteNumber("input_tokens"u8, counts.Input + counts.AudioInput + counts.ImageInput);
        writer.WriteNumber("cache_creation_input_tokens"u8, counts.CacheWrite + counts.CacheWriteHour);
        writer.WriteNumber("cache_read_input_tokens"u8, counts.CacheRead + counts.AudioCacheRead + counts.ImageCacheRead);
        if (counts.CacheWriteHour > 0)
        {
            writer.WriteStartObject("cache_creation"u8);
            writer.WriteNumber("ephemeral_5m_input_tokens"u8, counts.CacheWrite);
            writer.WriteNumber("ephemeral_1h_input_tokens"u8, counts.CacheWriteHour);
            writer.WriteEndObject();
        }

        writer.WriteNumber("output_tokens"u8, counts.Generated);
        if (counts.Reasoning > 0)
        {
            writer.WriteStartObject("output_tokens_details"u8);
            writer.WriteNumber("thinking_tokens"u8, counts.Reasoning);
            writer.WriteEndObject();
        }
    }
}
