using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Governance.Api;

namespace Gateway.Governance.Prices;

/// <summary>Reads prices.</summary>
internal static class PriceFields
{
    // 1,000,000 USD per million tokens: far above any price, far below where a sum could overflow.
    private const long MostNanoUsd = 1_000_000_000_000_000;
    private const long MostTokens = 1_000_000_000_000;
    private const int VersionLength = 64;
    private const int SourceLength = 500;
    private const int MostImagePrices = 50;

    /// <summary>Reads a price; <paramref name="versioned"/>: it must name its version.</summary>
    public static PriceEntry? Read(ObjectReader? reader, bool versioned)
    {
        if (reader is null)
        {
            return null;
        }

        var free = reader.Boolean("free", false);
        var price = new PriceEntry
        {
            Version = reader.Text("version", versioned, VersionLength) ?? "",
            EffectiveFrom = reader.Instant("effectiveFrom"),
            Source = reader.Text("source", required: false, SourceLength) is { Length: > 0 } source ? source : null,
            Free = free,
            InputPerMillion = Nano(reader, "inputPerMillion", required: versioned && !free) ?? 0,
            OutputPerMillion = Nano(reader, "outputPerMillion", required: versioned && !free) ?? 0,
            CacheReadPerMillion = Nano(reader, "cacheReadPerMillion"),
            CacheWritePerMillion = Nano(reader, "cacheWritePerMillion"),
            CacheWriteHourPerMillion = Nano(reader, "cacheWriteHourPerMillion"),
            ReasoningPerMillion = Nano(reader, "reasoningPerMillion"),
            AudioInputPerMillion = Nano(reader, "audioInputPerMillion"),
            AudioCacheReadPerMillion = Nano(reader, "audioCacheReadPerMillion"),
            AudioOutputPerMillion = Nano(reader, "audioOutputPerMillion"),
            ImageInputPerMillion = Nano(reader, "imageInputPerMillion"),
            ImageCacheReadPerMillion = Nano(reader, "imageCacheReadPerMillion"),
            ImageOutputPerMillion = Nano(reader, "imageOutputPerMillion"),
            PerRequest = Nano(reader, "perRequest") ?? 0,
            PerImage = Nano(reader, "perImage") ?? 0,
            Images = [.. reader.NestedMany("images", 0, MostImagePrices).Select(Image)],
            PerMillionPixels = Nano(reader, "perMillionPixels") ?? 0,
            PerAudioSecond = Nano(reader, "perAudioSecond") ?? 0,
            PerCharacter = Nano(reader, "perCharacter") ?? 0,
            PerSearch = Nano(reader, "perSearch") ?? 0,
            PerWebSearch = Nano(reader, "perWebSearch") ?? 0,
            PerWebSearchLow = Nano(reader, "perWebSearchLow"),
            PerWebSearchHigh = Nano(reader, "perWebSearchHigh"),
            Variants = [.. reader.NestedMany("variants", 0, PriceOverrideCheck.MostVariants).Select(Variant)],
        };
        reader.Close();
        return price;
    }

    private static PriceVariantEntry Variant(ObjectReader reader)
    {
        var tier = reader.Choice("tier", ServiceTier.Standard);
        var variant = new PriceVariantEntry
        {
            Tier = tier == ServiceTier.Standard ? null : tier,
            AbovePromptTokens = reader.Integer("abovePromptTokens", 0, MostTokens) ?? 0,
            InputPerMillion = Nano(reader, "inputPerMillion"),
            OutputPerMillion = Nano(reader, "outputPerMillion"),
            CacheReadPerMillion = Nano(reader, "cacheReadPerMillion"),
            CacheWritePerMillion = Nano(reader, "cacheWritePerMillion"),
            CacheWriteHourPerMillion = Nano(reader, "cacheWriteHourPerMillion"),
            ReasoningPerMillion = Nano(reader, "reasoningPerMillion"),
            AudioInputPerMillion = Nano(reader, "audioInputPerMillion"),
            AudioCacheReadPerMillion = Nano(reader, "audioCacheReadPerMillion"),
            AudioOutputPerMillion = Nano(reader, "audioOutputPerMillion"),
            ImageInputPerMillion = Nano(reader, "imageInputPerMillion"),
            ImageCacheReadPerMillion = Nano(reader, "imageCacheReadPerMillion"),
            ImageOutputPerMillion = Nano(reader, "imageOutputPerMillion"),
        };
        if (variant is { Tier: null, AbovePromptTokens: 0 })
        {
            reader.Error("abovePromptTokens", "is required where no tier is named: a variant is for a tier, for long prompts, or both.");
        }

        reader.Close();
        return variant;
    }

    private static ImagePriceEntry Image(ObjectReader reader)
    {
        var image = new ImagePriceEntry
        {
            Quality = reader.Choice("quality", ImageQuality.Unknown),
            MaxPixels = reader.Integer("maxPixels", 0, MostTokens) ?? 0,
            PerImage = Nano(reader, "perImage", required: true) ?? 0,
        };
        reader.Close();
        return image;
    }

    private static long? Nano(ObjectReader reader, string name, bool required = false) => reader.Integer(name, 0, MostNanoUsd, required);
}
