using System.Text.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>
/// The parts that OpenAI's dialects report inside a total (<c>prompt_tokens_details</c>, <c>output_tokens_details</c> and their like). Parts overlap: what was cached may also be audio, and
/// only <c>cached_tokens_details</c> tells.
/// </summary>
internal struct UsageParts
{
    public UsageParts()
    {
    }

    /// <summary>Read from the cache; below zero when it is not said.</summary>
    public long Cached { get; set; } = -1;

    public long CachedAudio { get; private set; }

    public long CachedImage { get; private set; }

    public long CacheWrite { get; set; }

    public long CacheWriteHour { get; set; }

    public long Audio { get; private set; }

    public long Image { get; private set; }

    public long Reasoning { get; set; }

    /// <summary>True when images were told apart, be it as none.</summary>
    public bool NamesImages { get; private set; }

    /// <summary>Reads an object of parts; the reader stands on it and, afterwards, on its end.</summary>
    public void Read(ref Utf8JsonReader reader)
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
                Cached = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8))
            {
                CacheWrite = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("audio_tokens"u8))
            {
                Audio = ReadCount(ref reader);
            }
            else if (reader.ValueTextEquals("image_tokens"u8))
            {
                Image = ReadCount(ref reader);
                NamesImages = true;
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                Reasoning = Math.Max(Reasoning, ReadCount(ref reader));
            }
            else if (reader.ValueTextEquals("cached_tokens_details"u8))
            {
                var cached = new UsageParts();
                reader.Read();
                cached.Read(ref reader);
                (CachedAudio, CachedImage) = (cached.Audio, cached.Image);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    /// <summary>The classes of an input of <paramref name="total"/> tokens, of which these are parts.</summary>
    public readonly TokenCounts OfInput(long total)
    {
        var cached = Math.Clamp(Cached, 0, total);
        var cachedAudio = Math.Min(CachedAudio, cached);
        var cachedImage = Math.Min(CachedImage, cached - cachedAudio);
        var rest = total - cached;
        var write = Math.Clamp(CacheWrite, 0, rest);
        var hour = Math.Min(CacheWriteHour, write);
        rest -= write;
        var audio = Math.Clamp(Audio - cachedAudio, 0, rest);
        var image = Math.Clamp(Image - cachedImage, 0, rest - audio);
        return new TokenCounts
        {
            Input = rest - audio - image,
            CacheRead = cached - cachedAudio - cachedImage,
            CacheWrite = write - hour,
            CacheWriteHour = hour,
            AudioInput = audio,
            AudioCacheRead = cachedAudio,
            ImageInput = image,
            ImageCacheRead = cachedImage,
        };
    }

    /// <summary>Adds the classes of an output of <paramref name="total"/> tokens, of which these are parts. Reasoning may be reported beside the total.</summary>
    public readonly TokenCounts WithOutput(TokenCounts counts, long total, bool reasoningBeside)
    {
        var rest = reasoningBeside ? total : total - Reasoning;
        counts.Reasoning = Reasoning;
        counts.AudioOutput = Math.Clamp(Audio, 0, rest);
        counts.ImageOutput = Math.Clamp(Image, 0, rest - counts.AudioOutput);
        counts.Output = rest - counts.AudioOutput - counts.ImageOutput;
        return counts;
    }

    /// <summary>Reads a number that the reader is before; anything else counts as 0.</summary>
    public static long ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var whole) ? Math.Max(whole, 0)
                : reader.TryGetDouble(out var value) && value is >= 0 and < 1e15 ? (long)Math.Ceiling(value) : 0;
        }

        reader.Skip();
        return 0;
    }
}
