namespace Gateway.Catalogue;

/// <summary>US dollars as integers: 1 USD = 1,000,000,000 nano-USD.</summary>
public static class NanoUsd
{
    /// <summary>Nano-US-dollars in one US dollar.</summary>
    public const long PerUsd = 1_000_000_000;

    /// <summary>Exact to nine decimal places; anything finer is rounded half away from zero.</summary>
    /// <param name="usd">Amount in US dollars, at most 9,000,000,000 either way.</param>
    /// <exception cref="OverflowException">The amount does not fit.</exception>
    public static long FromUsd(decimal usd) => decimal.ToInt64(decimal.Round(usd * PerUsd, 0, MidpointRounding.AwayFromZero));
}
