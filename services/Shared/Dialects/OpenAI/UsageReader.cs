using System.Text.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>What a whole answer says of its usage.</summary>
public enum AnswerUsage
{
    /// <summary>Not a JSON object: no answer at all.</summary>
    NotAnAnswer = 0,

    /// <summary>An answer without usage.</summary>
    Absent = 1,

    /// <summary>An answer with usage.</summary>
    Found = 2,
}

/// <summary>
/// Reads the <c>usage</c> object of chat completions, completions and embeddings. Providers report totals with parts inside them
/// (<c>prompt_tokens</c> contains <c>cached_tokens</c>, <c>completion_tokens</c> contains <c>reasoning_tokens</c>); the result
/// is disjoint.
/// </summary>
public static class UsageReader
{
    /// <summary>Reads the usage of a whole answer.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts)
    {
        counts = default;
        var reader = new Utf8JsonReader(answer);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return AnswerUsage.NotAnAnswer;
            }

            var found = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("usage"u8))
                {
                    reader.Read();
                    found |= TryReadUsage(ref reader, ref counts);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            reader.Read();
            return found ? AnswerUsage.Found : AnswerUsage.Absent;
        }
        catch (JsonException)
        {
            counts = default;
            return AnswerUsage.NotAnAnswer;
        }
    }

    /// <summary>Reads the value of a <c>usage</c> member; the reader stands on it and, afterwards, on its end.</summary>
    internal static bool TryReadUsage(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        long prompt = 0, completion = 0, total = 0, cached = -1, cacheHit = -1, cacheWrite = 0, reasoning = 0, audioIn = 0, audioOut = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                prompt = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                completion = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                total = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("prompt_cache_hit_tokens"u8) || reader.ValueTextEquals("num_cached_tokens"u8) || reader.ValueTextEquals("cached_tokens"u8))
            {
                // The names of DeepSeek, Mistral and Moonshot for cached_tokens.
                cacheHit = Math.Max(cacheHit, ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                cacheWrite = Math.Max(cacheWrite, ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                reasoning = Math.Max(reasoning, ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8))
            {
                reader.Read();
                ReadDetails(ref reader, ref cached, ref cacheWrite, ref audioIn);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8))
            {
                long unused = 0, none = 0;
                reader.Read();
                ReadDetails(ref reader, ref unused, ref none, ref audioOut, ref reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        cached = Math.Clamp(cached >= 0 ? cached : Math.Max(cacheHit, 0), 0, prompt);
        cacheWrite = Math.Clamp(cacheWrite, 0, prompt - cached);
        audioIn = Math.Clamp(audioIn, 0, prompt - cached - cacheWrite);
        // Some providers report reasoning beside completion_tokens rather than within: it shows in the total, or in a part larger than the whole.
        reasoning = Math.Max(reasoning, 0);
        var beside = reasoning > completion || (total > 0 && total == prompt + completion + reasoning);
        var withinOutput = beside ? 0 : reasoning;
        audioOut = Math.Clamp(audioOut, 0, completion - withinOutput);
        counts = new TokenCounts
        {
            Input = prompt - cached - cacheWrite - audioIn,
            CacheRead = cached,
            CacheWrite = cacheWrite,
            AudioInput = audioIn,
            Output = completion - withinOutput - audioOut,
            Reasoning = reasoning,
            AudioOutput = audioOut,
        };
        return true;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref long cached, ref long cacheWrite, ref long audio)
    {
        long none = 0;
        ReadDetails(ref reader, ref cached, ref cacheWrite, ref audio, ref none);
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref long cached, ref long cacheWrite, ref long audio, ref long reasoning)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                cached = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8))
            {
                cacheWrite = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("audio_tokens"u8))
            {
                audio = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                reasoning = Math.Max(reasoning, ReadCount(ref reader));
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    private static long ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out var whole))
            {
                return Math.Max(whole, 0);
            }

            return reader.TryGetDouble(out var value) && value is >= 0 and < 1e15 ? (long)Math.Ceiling(value) : 0;
        }

        reader.Skip();
        return 0;
    }
}
