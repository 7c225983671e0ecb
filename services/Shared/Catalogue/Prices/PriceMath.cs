using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Catalogue;

/// <summary>
/// What usage costs under a price: the only arithmetic of money in the gateway, used by the edge to hold and settle and by governance to rate again. Every class is rounded up to the
/// nano-dollar, so that a sum never falls below the true cost.
/// </summary>
public static class PriceMath
{
    /// <summary>Far above any real cost, and low enough to be added up.</summary>
    private const long MostNanoUsd = long.MaxValue / 4;

    // Each class of tokens and each kind of unit may be rounded up by less than one, and the two sums of the bound are rounded down.
    private const int Roundings = ClassRates.Count + 4 + 2;

    /// <summary>Cost in nano-US-dollars.</summary>
    /// <param name="price">The price.</param>
    /// <param name="tokens">Tokens by disjoint class.</param>
    /// <param name="units">What is not billed by tokens.</param>
    /// <param name="tier">How the provider served it.</param>
    /// <param name="requests">Requests that the tokens are of; only a batch has more than one, and is billed by the band of its average prompt.</param>
    /// <exception cref="OverflowException">The cost does not fit.</exception>
    public static long Cost(PriceEntry price, in TokenCounts tokens, in UsageUnits units, ServiceTier tier = ServiceTier.Standard, long requests = 1)
    {
        ArgumentNullException.ThrowIfNull(price);
        var prompt = requests > 1 ? (tokens.Prompt + requests - 1) / requests : tokens.Prompt;
        var rates = Rates(price, tier, prompt);
        return checked((price.PerRequest * requests) + OfTokens(rates, tokens) + OfUnits(price, units));
    }

    /// <summary>The most that a request can cost whose prompt and output have at most so many tokens, of whatever class.</summary>
    /// <param name="price">The price.</param>
    /// <param name="promptTokens">Upper bound of the prompt.</param>
    /// <param name="outputTokens">Upper bound of the output.</param>
    /// <param name="units">Upper bound of what is not billed by tokens.</param>
    /// <param name="asked">The tier that the request may be served in besides <see cref="ServiceTier.Standard"/>.</param>
    public static long UpperBound(PriceEntry price, long promptTokens, long outputTokens, in UsageUnits units, ServiceTier asked = ServiceTier.Standard)
    {
        ArgumentNullException.ThrowIfNull(price);
        long input = 0, output = 0;
        Widen(Rates(price, ServiceTier.Standard, 0), ref input, ref output);
        if (price.Variants.Count > 0)
        {
            WidenByVariants(price, promptTokens, ServiceTier.Standard, ref input, ref output);
            if (asked != ServiceTier.Standard)
            {
                Widen(Rates(price, asked, 0), ref input, ref output);
                WidenByVariants(price, promptTokens, asked, ref input, ref output);
            }
        }

        var bound = price.PerRequest + ((Int128)promptTokens * input / 1_000_000) + ((Int128)outputTokens * output / 1_000_000) + Roundings + MostOfUnits(price, units);
        return bound > MostNanoUsd ? MostNanoUsd : (long)bound;
    }

    private static void WidenByVariants(PriceEntry price, long promptTokens, ServiceTier tier, ref long input, ref long output)
    {
        for (var i = 0; i < price.Variants.Count; i++)
        {
            var above = price.Variants[i].AbovePromptTokens;
            if (above > 0 && above < promptTokens)
            {
                Widen(Rates(price, tier, above + 1), ref input, ref output);
            }
        }
    }

    private static void Widen(in ClassRates rates, ref long input, ref long output)
    {
        for (var i = 0; i < ClassRates.Inputs; i++)
        {
            input = Math.Max(input, rates[i]);
        }

        for (var i = ClassRates.Inputs; i < ClassRates.Count; i++)
        {
            output = Math.Max(output, rates[i]);
        }
    }

    /// <summary>The price of each class for a prompt of this size in this tier.</summary>
    private static ClassRates Rates(PriceEntry price, ServiceTier tier, long prompt)
    {
        var rates = ClassRates.Of(price);
        if (price.Variants.Count > 0)
        {
            var band = Find(price, ServiceTier.Standard, prompt, 1);
            if (tier == ServiceTier.Standard)
            {
                Take(ref rates, band);
            }
            else
            {
                Take(ref rates, Find(price, tier, 0, 0));
                var ownBand = Find(price, tier, prompt, 1);
                if (band is not null)
                {
                    // What a long prompt costs in this tier may not be said: then the dearer of the two.
                    rates.TakeDearer(ClassRates.Of(band));
                }

                Take(ref rates, ownBand);
            }
        }

        rates.Complete();
        return rates;
    }

    private static void Take(ref ClassRates rates, PriceVariantEntry? variant)
    {
        if (variant is not null)
        {
            rates.Take(ClassRates.Of(variant));
        }
    }

    /// <summary>The highest band of a tier that the prompt is above, and that begins at <paramref name="least"/> or above.</summary>
    private static PriceVariantEntry? Find(PriceEntry price, ServiceTier tier, long prompt, long least)
    {
        PriceVariantEntry? found = null;
        for (var i = 0; i < price.Variants.Count; i++)
        {
            var variant = price.Variants[i];
            var above = variant.AbovePromptTokens;
            if ((variant.Tier ?? ServiceTier.Standard) == tier && above >= least && (above == 0 || above < prompt) && (found is null || above > found.AbovePromptTokens))
            {
                found = variant;
            }
        }

        return found;
    }

    private static long OfTokens(in ClassRates rates, in TokenCounts tokens) => checked(
        Part(tokens.Input, rates.Of(TokenClass.Input))
        + Part(tokens.CacheRead, rates.Of(TokenClass.CacheRead))
        + Part(tokens.CacheWrite, rates.Of(TokenClass.CacheWrite))
        + Part(tokens.CacheWriteHour, rates.Of(TokenClass.CacheWriteHour))
        + Part(tokens.AudioInput, rates.Of(TokenClass.AudioInput))
        + Part(tokens.AudioCacheRead, rates.Of(TokenClass.AudioCacheRead))
        + Part(tokens.ImageInput, rates.Of(TokenClass.ImageInput))
        + Part(tokens.ImageCacheRead, rates.Of(TokenClass.ImageCacheRead))
        + Part(tokens.Output, rates.Of(TokenClass.Output))
        + Part(tokens.Reasoning, rates.Of(TokenClass.Reasoning))
        + Part(tokens.AudioOutput, rates.Of(TokenClass.AudioOutput))
        + Part(tokens.ImageOutput, rates.Of(TokenClass.ImageOutput)));

    private static long OfUnits(PriceEntry price, in UsageUnits units) => checked(
        (units.Images * PerImage(price, units))
        + Part(units.Pixels, price.PerMillionPixels)
        + (units.Characters * price.PerCharacter)
        + (units.Searches * price.PerSearch)
        + (units.WebSearches * PerWebSearch(price, units.WebSearchSize))
        + (long)((((Int128)units.AudioMilliseconds * price.PerAudioSecond) + 999) / 1_000));

    private static Int128 MostOfUnits(PriceEntry price, in UsageUnits units)
    {
        var search = Math.Max(price.PerWebSearch, Math.Max(price.PerWebSearchLow ?? 0, price.PerWebSearchHigh ?? 0));
        return ((Int128)units.Images * PerImage(price, units))
            + ((Int128)units.Pixels * price.PerMillionPixels / 1_000_000)
            + ((Int128)units.Characters * price.PerCharacter)
            + ((Int128)units.Searches * price.PerSearch)
            + ((Int128)units.WebSearches * search)
            + ((Int128)units.AudioMilliseconds * price.PerAudioSecond / 1_000);
    }

    private static long PerImage(PriceEntry price, in UsageUnits units)
    {
        if (price.Images.Count == 0 || units.Images <= 0)
        {
            return price.PerImage;
        }

        var pixels = units.Pixels / units.Images;
        ImagePriceEntry? fits = null;
        var dearest = price.PerImage;
        for (var i = 0; i < price.Images.Count; i++)
        {
            var image = price.Images[i];
            dearest = Math.Max(dearest, image.PerImage);
            var isQuality = image.Quality == ImageQuality.Unknown || image.Quality == units.ImageQuality;
            var isSize = image.MaxPixels == 0 || (pixels > 0 && pixels <= image.MaxPixels);
            if (isQuality && isSize && (fits is null || Rank(image) < Rank(fits)))
            {
                fits = image;
            }
        }

        return fits?.PerImage ?? dearest;
    }

    private static long Rank(ImagePriceEntry image) => image.MaxPixels == 0 ? long.MaxValue : image.MaxPixels;

    private static long PerWebSearch(PriceEntry price, WebSearchSize size) => size switch
    {
        WebSearchSize.Low => price.PerWebSearchLow ?? price.PerWebSearch,
        WebSearchSize.High => price.PerWebSearchHigh ?? price.PerWebSearch,
        _ => price.PerWebSearch,
    };

    private static long Part(long count, long perMillion) =>
        count == 0 || perMillion == 0 ? 0 : checked((long)((((Int128)count * perMillion) + 999_999) / 1_000_000));
}
