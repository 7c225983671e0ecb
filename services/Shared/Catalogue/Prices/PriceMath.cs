using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Catalogue;

/// <summary>What usage costs under a price: the only arithmetic of money in the gateway. Every class is rounded up, so that a sum never falls below the true cost.</summary>
public static class PriceMath
{
    /// <summary>Far above any real cost, and low enough to be added up.</summary>
    private const long MostNanoUsd = long.MaxValue / 4;

    /// <summary>Cost in nano-US-dollars.</summary>
    /// <param name="price">The price.</param>
    /// <param name="tokens">Tokens by disjoint class.</param>
    /// <param name="units">What is not billed by tokens.</param>
    /// <param name="requests">Requests that the tokens are of; only a batch has more than one.</param>
    /// <exception cref="OverflowException">The cost does not fit.</exception>
    public static long Cost(PriceEntry price, in TokenCounts tokens, in UsageUnits units, long requests = 1)
    {
        ArgumentNullException.ThrowIfNull(price);
        return checked((price.PerRequest * requests) + OfTokens(price, tokens) + OfUnits(price, units));
    }

    /// <summary>The most that a request can cost whose prompt and output have at most so many tokens, of whatever class.</summary>
    /// <param name="price">The price.</param>
    /// <param name="promptTokens">Upper bound of the prompt.</param>
    /// <param name="outputTokens">Upper bound of the output.</param>
    /// <param name="units">Upper bound of what is not billed by tokens.</param>
    public static long UpperBound(PriceEntry price, long promptTokens, long outputTokens, in UsageUnits units)
    {
        ArgumentNullException.ThrowIfNull(price);
        var input = Max(Max(price.InputPerMillion, price.CacheReadPerMillion, price.CacheWritePerMillion, price.CacheWriteHourPerMillion),
            price.AudioInputPerMillion, price.AudioCacheReadPerMillion, Max(price.ImageInputPerMillion ?? 0, price.ImageCacheReadPerMillion, null, null));
        var output = Max(price.OutputPerMillion, price.ReasoningPerMillion, price.AudioOutputPerMillion, price.ImageOutputPerMillion);
        // Each of the twelve classes may be rounded up by less than one.
        var bound = price.PerRequest + ((Int128)promptTokens * input / 1_000_000) + ((Int128)outputTokens * output / 1_000_000) + 12 + OfUnits(price, units);
        return bound > MostNanoUsd ? MostNanoUsd : (long)bound;
    }

    private static long OfTokens(PriceEntry price, in TokenCounts tokens) => checked(
        Part(tokens.Input, price.InputPerMillion)
        + Part(tokens.CacheRead, price.CacheReadPerMillion ?? price.InputPerMillion)
        + Part(tokens.CacheWrite, price.CacheWritePerMillion ?? price.InputPerMillion)
        + Part(tokens.CacheWriteHour, price.CacheWriteHourPerMillion ?? price.CacheWritePerMillion ?? price.InputPerMillion)
        + Part(tokens.AudioInput, price.AudioInputPerMillion ?? price.InputPerMillion)
        + Part(tokens.AudioCacheRead, price.AudioCacheReadPerMillion ?? price.CacheReadPerMillion ?? price.AudioInputPerMillion ?? price.InputPerMillion)
        + Part(tokens.ImageInput, price.ImageInputPerMillion ?? price.InputPerMillion)
        + Part(tokens.ImageCacheRead, price.ImageCacheReadPerMillion ?? price.CacheReadPerMillion ?? price.ImageInputPerMillion ?? price.InputPerMillion)
        + Part(tokens.Output, price.OutputPerMillion)
        + Part(tokens.Reasoning, price.ReasoningPerMillion ?? price.OutputPerMillion)
        + Part(tokens.AudioOutput, price.AudioOutputPerMillion ?? price.OutputPerMillion)
        + Part(tokens.ImageOutput, price.ImageOutputPerMillion ?? price.OutputPerMillion));

    private static long OfUnits(PriceEntry price, in UsageUnits units) => checked(
        (units.Images * price.PerImage)
        + (units.Characters * price.PerCharacter)
        + (units.Searches * price.PerSearch)
        + (long)((((Int128)units.AudioMilliseconds * price.PerAudioSecond) + 999) / 1_000));

    private static long Part(long tokens, long perMillion) =>
        tokens == 0 || perMillion == 0 ? 0 : checked((long)((((Int128)tokens * perMillion) + 999_999) / 1_000_000));

    private static long Max(long first, long? second, long? third, long? fourth) =>
        Math.Max(Math.Max(first, second ?? 0), Math.Max(third ?? 0, fourth ?? 0));
}
