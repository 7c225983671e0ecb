using System.Text;
using System.Text.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Reads and writes <c>usageMetadata</c>. <c>promptTokenCount</c> contains cached tokens and not those of tool results
/// (<c>toolUsePromptTokenCount</c>); <c>candidatesTokenCount</c> does not contain thoughts. In a stream each report is of the whole answer so far.
/// </summary>
public static class GeminiUsage
{
    /// <summary>Reads the usage of a whole answer.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens. Of an event of a stream that reports none the searches that it lists.</param>
    public static AnswerUsage ReadAnswer(ReadOnlySpan<byte> answer, out TokenCounts counts) => WholeAnswer.Read(answer, out counts, ReadMembers);

    private static bool ReadMembers(ref Utf8JsonReader reader, ref TokenCounts counts)
    {
        var found = false;
        var searches = 0L;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsUsage(ref reader))
            {
                reader.Read();
                found |= TryRead(ref reader, out counts);
            }
            else if (reader.ValueTextEquals("candidates"u8))
            {
                reader.Read();
                searches = GeminiSearches.Count(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        counts.WebSearches = searches;
        return found;
    }

    internal static bool IsUsage(ref Utf8JsonReader reader) => reader.ValueTextEquals("usageMetadata"u8) || reader.ValueTextEquals("usage_metadata"u8);

    /// <summary>Reads the value of a <c>usageMetadata</c> member; the reader stands on it and, afterwards, on its end.</summary>
    /// <returns>False when it holds no counts: streams of Vertex AI begin with the traffic type alone.</returns>
    internal static bool TryRead(ref Utf8JsonReader reader, out TokenCounts counts)
    {
        counts = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        long prompt = -1, toolUse = 0, cached = 0, candidates = 0, thoughts = 0, total = -1;
        var tier = ReportedTier.Unknown;
        (long Audio, long Image) input = default, cache = default, output = default, tools = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // No name of the API needs an escape or anything beyond ASCII, and decoding what is broken would throw.
            var name = reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan) ? "" : GeminiNames.Camel(reader.GetString() ?? "");
            reader.Read();
            switch (name)
            {
                case "promptTokenCount":
                    prompt = Count(ref reader);
                    break;
                case "toolUsePromptTokenCount":
                    toolUse = Count(ref reader);
                    break;
                case "cachedContentTokenCount":
                    cached = Count(ref reader);
                    break;
                case "candidatesTokenCount" or "responseTokenCount":
                    candidates = Count(ref reader);
                    break;
                case "thoughtsTokenCount":
                    thoughts = Count(ref reader);
                    break;
                case "totalTokenCount":
                    total = Count(ref reader);
                    break;
                case "promptTokensDetails":
                    input = Modalities(ref reader);
                    break;
                case "cacheTokensDetails":
                    cache = Modalities(ref reader);
                    break;
                case "candidatesTokensDetails" or "responseTokensDetails":
                    output = Modalities(ref reader);
                    break;
                case "toolUsePromptTokensDetails":
                    tools = Modalities(ref reader);
                    break;
                case "trafficType" or "serviceTier":
                    tier = ReportedTiers.Read(ref reader, tier);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (prompt < 0 && candidates == 0 && total < 0)
        {
            return false;
        }

        prompt = Math.Max(prompt, 0);
        if (thoughts > 0 && thoughts <= candidates && total == prompt + toolUse + candidates)
        {
            // Some models of Vertex AI count thoughts among the candidates' tokens; the total tells.
            candidates -= thoughts;
        }

        cached = Math.Min(cached, prompt);
        // Modalities of the prompt are told with those that came from the cache.
        var audioCached = Math.Min(cache.Audio, cached);
        var imageCached = Math.Min(cache.Image, cached - audioCached);
        var audioIn = Math.Clamp(input.Audio - audioCached, 0, prompt - cached);
        var imageIn = Math.Clamp(input.Image - imageCached, 0, prompt - cached - audioIn);
        var toolAudio = Math.Min(tools.Audio, toolUse);
        var toolImage = Math.Min(tools.Image, toolUse - toolAudio);
        var audioOut = Math.Min(output.Audio, candidates);
        var imageOut = Math.Min(output.Image, candidates - audioOut);
        counts = new TokenCounts
        {
            Input = prompt - cached - audioIn - imageIn + toolUse - toolAudio - toolImage,
            CacheRead = cached - audioCached - imageCached,
            AudioInput = audioIn + toolAudio,
            AudioCacheRead = audioCached,
            ImageInput = imageIn + toolImage,
            ImageCacheRead = imageCached,
            Output = candidates - audioOut - imageOut,
            Reasoning = thoughts,
            AudioOutput = audioOut,
            ImageOutput = imageOut,
            Tier = tier,
        };
        return true;
    }

    /// <summary>Writes a <c>usageMetadata</c> member.</summary>
    internal static void Write(Utf8JsonWriter writer, TokenCounts counts)
    {
        var candidates = counts.Output + counts.AudioOutput + counts.ImageOutput;
        var (audio, image) = (counts.AudioInput + counts.AudioCacheRead, counts.ImageInput + counts.ImageCacheRead);
        writer.WriteStartObject("usageMetadata");
        writer.WriteNumber("promptTokenCount", counts.Prompt);
        writer.WriteNumber("candidatesTokenCount", candidates);
        writer.WriteNumber("totalTokenCount", counts.Total);
        if (counts.CacheRead + counts.AudioCacheRead + counts.ImageCacheRead is > 0 and var cached)
        {
            writer.WriteNumber("cachedContentTokenCount", cached);
        }

        if (counts.Reasoning > 0)
        {
            writer.WriteNumber("thoughtsTokenCount", counts.Reasoning);
        }

        WriteDetails(writer, "promptTokensDetails", counts.Prompt - audio - image, audio, image);
        if (counts.AudioCacheRead + counts.ImageCacheRead > 0)
        {
            WriteDetails(writer, "cacheTokensDetails", counts.CacheRead, counts.AudioCacheRead, counts.ImageCacheRead);
        }

        WriteDetails(writer, "candidatesTokensDetails", counts.Output, counts.AudioOutput, counts.ImageOutput);
        writer.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter writer, string name, long text, long audio, long image)
    {
        if (text + audio + image == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        WriteModality(writer, "TEXT", text);
        WriteModality(writer, "AUDIO", audio);
        WriteModality(writer, "IMAGE", image);
        writer.WriteEndArray();
    }

    private static void WriteModality(Utf8JsonWriter writer, string modality, long tokens)
    {
        if (tokens > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("modality", modality);
            writer.WriteNumber("tokenCount", tokens);
            writer.WriteEndObject();
        }
    }

    private static (long Audio, long Image) Modalities(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return default;
        }

        long audio = 0, image = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (isAudio, isImage) = (false, false);
            long tokens = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isModality = reader.ValueTextEquals("modality"u8);
                var isCount = reader.ValueTextEquals("tokenCount"u8) || reader.ValueTextEquals("token_count"u8);
                reader.Read();
                if (isModality && reader.TokenType == JsonTokenType.String)
                {
                    isAudio = reader.ValueTextEquals("AUDIO"u8);
                    isImage = reader.ValueTextEquals("IMAGE"u8);
                }
                else if (isCount)
                {
                    tokens = Count(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            audio += isAudio ? tokens : 0;
            image += isImage ? tokens : 0;
        }

        return (audio, image);
    }

    private static long Count(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var whole) ? Math.Max(whole, 0) : 0;
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            return long.TryParse(reader.ValueSpan, System.Globalization.NumberStyles.None, null, out var parsed) ? parsed : 0;
        }

        reader.Skip();
        return 0;
    }
}
