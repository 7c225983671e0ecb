using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>Prices times a factor, in integers and rounded up.</summary>
public static class PriceScale
{
    private const int Whole = 10_000;

    /// <summary>The price times <paramref name="basisPoints"/> / 10,000.</summary>
    /// <param name="price">The price.</param>
    /// <param name="basisPoints">Hundredths of a percent.</param>
    public static PriceEntry By(PriceEntry price, int basisPoints)
    {
        ArgumentNullException.ThrowIfNull(price);
        long Of(long figure) => (long)((((Int128)figure * basisPoints) + Whole - 1) / Whole);
        long? OfMaybe(long? figure) => figure is { } given ? Of(given) : null;
        return price with
        {
            InputPerMillion = Of(price.InputPerMillion),
            OutputPerMillion = Of(price.OutputPerMillion),
            CacheReadPerMillion = OfMaybe(price.CacheReadPerMillion),
            CacheWritePerMillion = OfMaybe(price.CacheWritePerMillion),
            CacheWriteHourPerMillion = OfMaybe(price.CacheWriteHourPerMillion),
            ReasoningPerMillion = OfMaybe(price.ReasoningPerMillion),
            AudioInputPerMillion = OfMaybe(price.AudioInputPerMillion),
            AudioCacheReadPerMillion = OfMaybe(price.AudioCacheReadPerMillion),
            AudioOutputPerMillion = OfMaybe(price.AudioOutputPerMillion),
            ImageInputPerMillion = OfMaybe(price.ImageInputPerMillion),
            ImageCacheReadPerMillion = OfMaybe(price.ImageCacheReadPerMillion),
            ImageOutputPerMillion = OfMaybe(price.ImageOutputPerMillion),
            PerRequest = Of(price.PerRequest),
            PerImage = Of(price.PerImage),
            Images = [.. price.Images.Select(i => i with { PerImage = Of(i.PerImage) })],
            PerMillionPixels = Of(price.PerMillionPixels),
            PerAudioSecond = Of(price.PerAudioSecond),
            PerCharacter = Of(price.PerCharacter),
            PerSearch = Of(price.PerSearch),
            PerWebSearch = Of(price.PerWebSearch),
            PerWebSearchLow = OfMaybe(price.PerWebSearchLow),
            PerWebSearchHigh = OfMaybe(price.PerWebSearchHigh),
            Variants =
            [
                .. price.Variants.Select(v => v with
                {
                    InputPerMillion = OfMaybe(v.InputPerMillion),
                    OutputPerMillion = OfMaybe(v.OutputPerMillion),
                    CacheReadPerMillion = OfMaybe(v.CacheReadPerMillion),
                    CacheWritePerMillion = OfMaybe(v.CacheWritePerMillion),
                    CacheWriteHourPerMillion = OfMaybe(v.CacheWriteHourPerMillion),
                    ReasoningPerMillion = OfMaybe(v.ReasoningPerMillion),
                    AudioInputPerMillion = OfMaybe(v.AudioInputPerMillion),
                    AudioCacheReadPerMillion = OfMaybe(v.AudioCacheReadPerMillion),
                    AudioOutputPerMillion = OfMaybe(v.AudioOutputPerMillion),
                    ImageInputPerMillion = OfMaybe(v.ImageInputPerMillion),
                    ImageCacheReadPerMillion = OfMaybe(v.ImageCacheReadPerMillion),
                    ImageOutputPerMillion = OfMaybe(v.ImageOutputPerMillion),
                }),
            ],
        };
    }
}
