using System.Text.Json;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Responses;

/// <summary>
/// Usage of the Responses dialect: totals with parts inside them (<c>input_tokens</c> contains <c>cached_tokens</c>, <c>output_tokens</c> contains
/// <c>reasoning_tokens</c>).
/// </summary>
public static class ResponsesUsage
{
    /// <summary>Reads the usage of a whole answer in one pass.</summary>
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
                var isUsage = reader.ValueTextEquals("usage"u8);
                reader.Read();
                if (isUsage)
                {
                    found |= TryRead(ref reader, ref counts);
                }
                else
                {
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
    internal static bool TryRead(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var usage = default(Reported);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                usage.Input = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                usage.Output = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                usage.Total = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("input_tokens_details"u8))
            {
                ReadDetails(ref reader, ref usage.Cached, ref usage.CacheWrite, ref usage.AudioInput, ref usage.Ignored);
            }
            else if (reader.ValueTextEquals("output_tokens_details"u8))
            {
                ReadDetails(ref reader, ref usage.Ignored, ref usage.Ignored, ref usage.AudioOutput, ref usage.Reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        counts = usage.ToCounts();
        return true;
    }

    /// <summary>Reads the <c>usage</c> of a response object; null when it says nothing.</summary>
    internal static TokenCounts? Read(JsonElement response)
    {
        if (!response.TryObject("usage", out var usage))
        {
            return null;
        }

        var reported = new Reported { Input = Count(usage, "input_tokens"), Output = Count(usage, "output_tokens"), Total = Count(usage, "total_tokens") };
        if (usage.TryObject("input_tokens_details", out var input))
        {
            reported.Cached = Count(input, "cached_tokens");
            reported.CacheWrite = Count(input, "cache_write_tokens");
            reported.AudioInput = Count(input, "audio_tokens");
        }

        if (usage.TryObject("output_tokens_details", out var output))
        {
            reported.Reasoning = Count(output, "reasoning_tokens");
            reported.AudioOutput = Count(output, "audio_tokens");
        }

        return reported.ToCounts();
    }

    /// <summary>Writes the member <c>usage</c>.</summary>
    internal static void Write(Utf8JsonWriter json, TokenCounts? counts)
    {
        if (counts is not { } tokens)
        {
            json.WriteNull("usage"u8);
            return;
        }

        var input = tokens.Input + tokens.CacheRead + tokens.CacheWrite + tokens.AudioInput;
        var output = tokens.Output + tokens.Reasoning + tokens.AudioOutput;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, input);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, tokens.CacheRead);
        json.WriteNumber("cache_write_tokens"u8, tokens.CacheWrite);
        WriteAudio(json, tokens.AudioInput);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, output);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, tokens.Reasoning);
        WriteAudio(json, tokens.AudioOutput);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, input + output);
        json.WriteEndObject();
    }

    private static void WriteAudio(Utf8JsonWriter json, long count)
    {
        if (count > 0)
        {
            json.WriteNumber("audio_tokens"u8, count);
        }
    }

    private static long Count(JsonElement element, string name) => Math.Max(element.LongOf(name) ?? 0, 0);

    private static void ReadDetails(ref Utf8JsonReader reader, ref long cached, ref long cacheWrite, ref long audio, ref long reasoning)
    {
        reader.Read();
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
                reasoning = ReadCount(ref reader);
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
            return reader.TryGetInt64(out var whole) ? Math.Max(whole, 0)
                : reader.TryGetDouble(out var value) && value is >= 0 and < 1e15 ? (long)value : 0;
        }

        reader.Skip();
        return 0;
    }

    private struct Reported
    {
        public long Input;
        public long Output;
        public long Total;
        public long Cached;
        public long CacheWrite;
        public long AudioInput;
        public long AudioOutput;
        public long Reasoning;
        public long Ignored;

        public readonly TokenCounts ToCounts()
        {
            var cached = Math.Min(Cached, Input);
            var cacheWrite = Math.Min(CacheWrite, Input - cached);
            var audioInput = Math.Min(AudioInput, Input - cached - cacheWrite);
            // As in chat completions, some report reasoning beside the output: it shows in the total, or in a part larger than the whole.
            var within = Reasoning > Output || (Total > 0 && Total == Input + Output + Reasoning) ? 0 : Reasoning;
            var audioOutput = Math.Min(AudioOutput, Output - within);
            return new TokenCounts
            {
                Input = Input - cached - cacheWrite - audioInput,
                CacheRead = cached,
                CacheWrite = cacheWrite,
                AudioInput = audioInput,
                Output = Output - within - audioOutput,
                Reasoning = Reasoning,
                AudioOutput = audioOutput,
            };
        }
    }
}
