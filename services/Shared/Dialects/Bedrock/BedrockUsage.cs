using System.Text.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Bedrock;

/// <summary>Reads and writes Converse's <c>usage</c>. <c>inputTokens</c> leaves out what was read from or written to the cache; <c>outputTokens</c> includes reasoning.</summary>
public static class BedrockUsage
{
    /// <summary>Reads the usage of a whole answer, in one pass over its bytes.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts) => WholeAnswer.Read(answer, out counts, ReadMember);

    /// <summary>Reads the member <c>usage</c> of the object on whose opening brace the reader stands; afterwards it stands on the closing one.</summary>
    internal static bool ReadMember(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var usage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (usage && reader.TokenType == JsonTokenType.StartObject)
            {
                counts = Read(ref reader);
                found = true;
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    internal static void WriteMembers(Utf8JsonWriter writer, in TokenCounts counts)
    {
        var (read, written) = (counts.CacheRead + counts.AudioCacheRead + counts.ImageCacheRead, counts.CacheWrite + counts.CacheWriteHour);
        writer.WriteNumber("inputTokens"u8, counts.Input + counts.AudioInput + counts.ImageInput);
        writer.WriteNumber("outputTokens"u8, counts.Generated);
        writer.WriteNumber("totalTokens"u8, counts.Total);
        if (read + written > 0)
        {
            writer.WriteNumber("cacheReadInputTokens"u8, read);
            writer.WriteNumber("cacheWriteInputTokens"u8, written);
        }

        if (counts.CacheWriteHour > 0)
        {
            writer.WriteStartArray("cacheDetails"u8);
            WriteCacheDetail(writer, "1h"u8, counts.CacheWriteHour);
            WriteCacheDetail(writer, "5m"u8, counts.CacheWrite);
            writer.WriteEndArray();
        }
    }

    private static void WriteCacheDetail(Utf8JsonWriter writer, ReadOnlySpan<byte> lifetime, long tokens)
    {
        if (tokens > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("ttl"u8, lifetime);
            writer.WriteNumber("inputTokens"u8, tokens);
            writer.WriteEndObject();
        }
    }

    private static TokenCounts Read(ref Utf8JsonReader reader)
    {
        var counts = default(TokenCounts);
        long hour = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("inputTokens"u8))
            {
                counts.Input = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("outputTokens"u8))
            {
                counts.Output = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("cacheReadInputTokens"u8) || reader.ValueTextEquals("cacheReadInputTokenCount"u8))
            {
                counts.CacheRead = Math.Max(counts.CacheRead, ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("cacheWriteInputTokens"u8) || reader.ValueTextEquals("cacheWriteInputTokenCount"u8))
            {
                counts.CacheWrite = Math.Max(counts.CacheWrite, ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("cacheDetails"u8))
            {
                reader.Read();
                hour = ReadHour(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        counts.CacheWriteHour = Math.Min(hour, counts.CacheWrite);
        counts.CacheWrite -= counts.CacheWriteHour;
        return counts;
    }

    /// <summary>The tokens of <c>cacheDetails</c> that are kept for an hour.</summary>
    private static long ReadHour(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return 0;
        }

        long hour = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (isHour, tokens) = (false, 0L);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("inputTokens"u8))
                {
                    tokens = ReadCount(ref reader);
                    continue;
                }

                var isLifetime = reader.ValueTextEquals("ttl"u8);
                reader.Read();
                isHour |= isLifetime && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("1h"u8);
                reader.Skip();
            }

            hour += isHour ? tokens : 0;
        }

        return hour;
    }

    private static long ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var whole) ? Math.Max(whole, 0) : reader.TryGetDouble(out var value) && value is >= 0 and < 1e15 ? (long)value : 0;
        }

        reader.Skip();
        return 0;
    }
}
