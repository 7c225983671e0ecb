using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>Makes the price that is billed by of the figures as they were gathered.</summary>
internal static class RawPriceEntry
{
    public static PriceEntry Make(RawPrice raw, string version, IReadOnlyList<ImagePriceEntry>? images)
    {
        var rates = Rates(raw);
        // An image model that bills tokens names the price of a typical image, too: one bill is enough.
        var byImage = raw.Mode == ModelMode.Image && rates.Of(TokenClass.ImageOutput) <= 0;
        return new PriceEntry
        {
            Version = version,
            Source = raw.Source,
            InputPerMillion = Math.Max(0, rates.Of(TokenClass.Input)),
            OutputPerMillion = Math.Max(0, rates.Of(TokenClass.Output)),
            CacheReadPerMillion = Positive(rates, TokenClass.CacheRead),
            CacheWritePerMillion = Positive(rates, TokenClass.CacheWrite),
            CacheWriteHourPerMillion = Positive(rates, TokenClass.CacheWriteHour),
            ReasoningPerMillion = Positive(rates, TokenClass.Reasoning),
            AudioInputPerMillion = Positive(rates, TokenClass.AudioInput),
            AudioCacheReadPerMillion = Positive(rates, TokenClass.AudioCacheRead),
            AudioOutputPerMillion = Positive(rates, TokenClass.AudioOutput),
            ImageInputPerMillion = Positive(rates, TokenClass.ImageInput),
            ImageCacheReadPerMillion = Positive(rates, TokenClass.ImageCacheRead),
            ImageOutputPerMillion = Positive(rates, TokenClass.ImageOutput),
            PerRequest = Math.Max(0, raw.PerRequest),
            PerImage = byImage ? Math.Max(0, raw.PerImage) : 0,
            PerMillionPixels = byImage && raw.PerImage <= 0 ? Math.Max(0, raw.PerMillionPixels) : 0,
            Images = byImage ? images ?? [] : [],
            PerAudioSecond = raw.Mode == ModelMode.Transcription && raw.Input <= 0 && raw.Output <= 0 ? Math.Max(0, raw.PerSecond) : 0,
            PerCharacter = raw.Mode == ModelMode.Speech && raw.Output <= 0 ? Math.Max(0, raw.PerCharacter) : 0,
            PerSearch = raw.Mode == ModelMode.Rerank ? Math.Max(0, raw.PerQuery) : 0,
            PerWebSearch = Math.Max(0, raw.SearchMedium),
            PerWebSearchLow = Different(raw.SearchLow, raw.SearchMedium),
            PerWebSearchHigh = Different(raw.SearchHigh, raw.SearchMedium),
            Variants = raw.Variants is null ? [] : [.. raw.Variants.Select(Variant)],
        };
    }

    // Where reasoning costs what output does, it follows the output into tiers and long prompts, which do not name it.
    private static ClassRates Rates(RawPrice raw)
    {
        var rates = raw.Rates;
        if (rates.Of(TokenClass.Reasoning) == rates.Of(TokenClass.Output))
        {
            rates[(int)TokenClass.Reasoning] = -1;
        }

        return rates;
    }

    private static PriceVariantEntry Variant(RawVariant variant)
    {
        var rates = variant.Rates;
        return new PriceVariantEntry
        {
            Tier = variant.Tier,
            AbovePromptTokens = variant.Above,
            InputPerMillion = Positive(rates, TokenClass.Input),
            OutputPerMillion = Positive(rates, TokenClass.Output),
            CacheReadPerMillion = Positive(rates, TokenClass.CacheRead),
            CacheWritePerMillion = Positive(rates, TokenClass.CacheWrite),
            CacheWriteHourPerMillion = Positive(rates, TokenClass.CacheWriteHour),
            ReasoningPerMillion = Positive(rates, TokenClass.Reasoning),
            AudioInputPerMillion = Positive(rates, TokenClass.AudioInput),
            AudioCacheReadPerMillion = Positive(rates, TokenClass.AudioCacheRead),
            AudioOutputPerMillion = Positive(rates, TokenClass.AudioOutput),
            ImageInputPerMillion = Positive(rates, TokenClass.ImageInput),
            ImageCacheReadPerMillion = Positive(rates, TokenClass.ImageCacheRead),
            ImageOutputPerMillion = Positive(rates, TokenClass.ImageOutput),
        };
    }

    // A class at 0 beside priced ones is a gap in the figures more often than a gift: it is billed as its main class.
    private static long? Positive(in ClassRates rates, TokenClass kind) => rates.Of(kind) is > 0 and var rate ? rate : null;

    private static long? Different(long figure, long than) => figure >= 0 && figure != than ? figure : null;
}
