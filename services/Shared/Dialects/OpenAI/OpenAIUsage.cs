using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>The <c>usage</c> object: totals with their parts inside them.</summary>
internal static class OpenAIUsage
{
    /// <summary>Reads a <c>usage</c> object.</summary>
    /// <returns>Its tokens, or null when it is none.</returns>
    public static TokenCounts? Read(JsonElement usage)
    {
        if (usage.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var reader = new Utf8JsonReader(JsonOutput.Raw(usage));
        reader.Read();
        var counts = default(TokenCounts);
        return UsageReader.TryReadUsage(ref reader, ref counts) ? counts : null;
    }

    /// <summary>Reads the usage of an answer or chunk, from the places where providers put it.</summary>
    public static TokenCounts? Find(JsonElement answer)
    {
        if (answer.TryObject("usage", out var usage))
        {
            return Read(usage);
        }

        return answer.TryObject("x_groq", out var groq) && groq.TryObject("usage", out usage) ? Read(usage) : null;
    }

    /// <summary>Writes the value of a <c>usage</c> member.</summary>
    public static void Write(Utf8JsonWriter writer, in TokenCounts counts)
    {
        var completion = counts.Output + counts.Reasoning + counts.AudioOutput;
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, counts.Total - completion);
        writer.WriteNumber("completion_tokens"u8, completion);
        writer.WriteNumber("total_tokens"u8, counts.Total);
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, counts.CacheRead);
        if (counts.CacheWrite > 0)
        {
            writer.WriteNumber("cache_write_tokens"u8, counts.CacheWrite);
        }

        writer.WriteNumber("audio_tokens"u8, counts.AudioInput);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, counts.Reasoning);
        writer.WriteNumber("audio_tokens"u8, counts.AudioOutput);
        writer.WriteNumber("accepted_prediction_tokens"u8, 0);
        writer.WriteNumber("rejected_prediction_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
