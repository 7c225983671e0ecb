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

        long input = 0, output = 0, total = 0;
        UsageParts into = new(), outOf = new();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                input = UsageParts.ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                output = UsageParts.ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                total = UsageParts.ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("input_tokens_details"u8))
            {
                reader.Read();
                into.Read(ref reader);
            }
            else if (reader.ValueTextEquals("output_tokens_details"u8))
            {
                reader.Read();
                outOf.Read(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // As in chat completions, some report reasoning beside the output: it shows in the total, or in a part larger than the whole.
        var beside = outOf.Reasoning > output || (total > 0 && total == input + output + outOf.Reasoning);
        counts = outOf.WithOutput(into.OfInput(input), output, beside);
        return true;
    }

    /// <summary>Reads the <c>usage</c> of a response object; null when it says nothing.</summary>
    internal static TokenCounts? Read(JsonElement response)
    {
        if (!response.TryObject("usage", out var usage))
        {
            return null;
        }

        var reader = new Utf8JsonReader(JsonOutput.Raw(usage));
        reader.Read();
        var counts = default(TokenCounts);
        return TryRead(ref reader, ref counts) ? counts : null;
    }

    /// <summary>Writes the member <c>usage</c>.</summary>
    internal static void Write(Utf8JsonWriter json, TokenCounts? counts)
    {
        if (counts is not { } tokens)
        {
            json.WriteNull("usage"u8);
            return;
        }

        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, tokens.Prompt);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, tokens.CacheRead + tokens.AudioCacheRead + tokens.ImageCacheRead);
        json.WriteNumber("cache_write_tokens"u8, tokens.CacheWrite + tokens.CacheWriteHour);
        WriteAudio(json, tokens.AudioInput + tokens.AudioCacheRead);
        OpenAIUsage.WriteMore(json, tokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, tokens.Generated);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, tokens.Reasoning);
        WriteAudio(json, tokens.AudioOutput);
        OpenAIUsage.WriteImages(json, tokens.ImageOutput);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, tokens.Total);
        json.WriteEndObject();
    }

    private static void WriteAudio(Utf8JsonWriter json, long count)
    {
        if (count > 0)
        {
            json.WriteNumber("audio_tokens"u8, count);
        }
    }
}
