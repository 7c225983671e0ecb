using System.Text.Json;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Cohere;

/// <summary>
/// Reads and writes <c>usage</c>. <c>tokens</c> are those the model worked on, <c>cached_tokens</c> among the input; <c>billed_units</c> leave out what
/// the provider adds to the prompt, and count only where nothing else is given.
/// </summary>
public static class CohereUsage
{
    /// <summary>Reads the usage of a whole answer.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts) => WholeAnswer.Read(answer, out counts, ReadMembers);

    private static bool ReadMembers(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (isUsage)
            {
                found |= TryRead(ref reader, out counts);
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>Reads the value of a <c>usage</c> member; the reader stands on it and, afterwards, on its end.</summary>
    internal static bool TryRead(ref Utf8JsonReader reader, out TokenCounts counts)
    {
        counts = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        (long Input, long Output)? tokens = null, billed = null;
        long cached = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTokens = reader.ValueTextEquals("tokens"u8);
            var isBilled = reader.ValueTextEquals("billed_units"u8);
            var isCached = reader.ValueTextEquals("cached_tokens"u8);
            reader.Read();
            if (isTokens)
            {
                tokens = Pair(ref reader);
            }
            else if (isBilled)
            {
                billed = Pair(ref reader);
            }
            else if (isCached)
            {
                cached = Count(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if ((tokens ?? billed) is not { } pair)
        {
            return false;
        }

        // What is cached is part of what was worked on, not of what is billed.
        cached = tokens is null ? 0 : Math.Min(cached, pair.Input);
        counts = new TokenCounts { Input = pair.Input - cached, CacheRead = cached, Output = pair.Output };
        return true;
    }

    internal static TokenCounts? Read(JsonElement usage)
    {
        var reader = new Utf8JsonReader(JsonOutput.Raw(usage));
        return reader.Read() && TryRead(ref reader, out var counts) ? counts : null;
    }

    /// <summary>Writes a <c>usage</c> member.</summary>
    internal static void Write(Utf8JsonWriter writer, TokenCounts counts)
    {
        writer.WriteStartObject("usage");
        foreach (var name in (ReadOnlySpan<string>)["billed_units", "tokens"])
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("input_tokens", counts.Prompt);
            writer.WriteNumber("output_tokens", counts.Generated);
            writer.WriteEndObject();
        }

        if (counts.CacheRead + counts.AudioCacheRead + counts.ImageCacheRead is > 0 and var cached)
        {
            writer.WriteNumber("cached_tokens", cached);
        }

        writer.WriteEndObject();
    }

    private static (long Input, long Output)? Pair(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long input = -1, output = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isInput = reader.ValueTextEquals("input_tokens"u8);
            var isOutput = reader.ValueTextEquals("output_tokens"u8);
            reader.Read();
            if (isInput)
            {
                input = Count(ref reader);
            }
            else if (isOutput)
            {
                output = Count(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return input < 0 && output < 0 ? null : (Math.Max(input, 0), Math.Max(output, 0));
    }

    // The API writes counts as floating-point numbers in places.
    private static long Count(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return 0;
        }

        return reader.TryGetInt64(out var whole) ? Math.Max(whole, 0) : reader.TryGetDouble(out var value) && value is >= 0 and < 1e15 ? (long)Math.Ceiling(value) : 0;
    }
}
