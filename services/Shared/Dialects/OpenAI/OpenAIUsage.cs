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
            return Read(usage) is { } counts ? counts with { Tier = ReportedTiers.Parse(answer.StringOf("service_tier")) } : null;
        }

        return answer.TryObject("x_groq", out var groq) && groq.TryObject("usage", out usage) ? Read(usage) : null;
    }

    /// <summary>Writes the value of a <c>usage</c> member.</summary>
    public static void Write(Utf8JsonWriter writer, in TokenCounts counts)
    {
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, counts.Prompt);
        writer.WriteNumber("completion_tokens"u8, counts.Generated);
        writer.WriteNumber("total_tokens"u8, counts.Total);
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, counts.CacheRead + counts.AudioCacheRead + counts.ImageCacheRead);
        if (counts.CacheWrite + counts.CacheWriteHour > 0)
        {
            writer.WriteNumber("cache_write_tokens"u8, counts.CacheWrite + counts.CacheWriteHour);
        }

        writer.WriteNumber("audio_tokens"u8, counts.AudioInput + counts.AudioCacheRead);
        WriteMore(writer, counts);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, counts.Reasoning);
        writer.WriteNumber("audio_tokens"u8, counts.AudioOutput);
        WriteImages(writer, counts.ImageOutput);
        writer.WriteNumber("accepted_prediction_tokens"u8, 0);
        writer.WriteNumber("rejected_prediction_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Writes the parts of an input that few have.</summary>
    internal static void WriteMore(Utf8JsonWriter writer, in TokenCounts counts)
    {
        WriteImages(writer, counts.ImageInput + counts.ImageCacheRead);
        if (counts.AudioCacheRead + counts.ImageCacheRead > 0)
        {
            writer.WriteStartObject("cached_tokens_details"u8);
            writer.WriteNumber("text_tokens"u8, counts.CacheRead);
            writer.WriteNumber("audio_tokens"u8, counts.AudioCacheRead);
            WriteImages(writer, counts.ImageCacheRead);
            writer.WriteEndObject();
        }
    }

    internal static void WriteImages(Utf8JsonWriter writer, long tokens)
    {
        if (tokens > 0)
        {
            writer.WriteNumber("image_tokens"u8, tokens);
        }
    }
}
