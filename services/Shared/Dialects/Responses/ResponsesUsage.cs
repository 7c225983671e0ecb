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
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts) => WholeAnswer.Read(answer, out counts, ReadMembers);

    /// <summary>Reads what a response object is billed by; the reader stands on its opening brace and, afterwards, on the closing one.</summary>
    internal static bool ReadMembers(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        var found = false;
        var tier = ReportedTier.Unknown;
        long searches = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                found |= TryRead(ref reader, ref counts);
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                tier = ReportedTiers.Read(ref reader, tier);
            }
            else if (reader.ValueTextEquals("output"u8))
            {
                reader.Read();
                searches = CountSearches(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (found)
        {
            (counts.Tier, counts.WebSearches) = (tier, searches);
        }

        return found;
    }

    /// <summary>Items of <c>output</c> that are searches of the web, which are billed each.</summary>
    internal static long CountSearches(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return 0;
        }

        long searches = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                searches += isType && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("web_search_call"u8) ? 1 : 0;
                reader.Skip();
            }
        }

        return searches;
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
        var reader = new Utf8JsonReader(JsonOutput.Raw(response));
        var counts = default(TokenCounts);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject && ReadMembers(ref reader, ref counts) ? counts : null;
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
