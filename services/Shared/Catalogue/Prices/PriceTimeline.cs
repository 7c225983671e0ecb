using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>A price through time: a change that is scheduled takes effect at its moment, without anything being loaded again.</summary>
public sealed class PriceTimeline
{
    private readonly long[] _starts;
    private readonly PriceEntry?[] _prices;

    internal PriceTimeline(long[] starts, PriceEntry?[] prices)
    {
        _starts = starts;
        _prices = prices;
    }

    /// <summary>The prices of all times, from the first on.</summary>
    public IEnumerable<PriceEntry> Prices => _prices.OfType<PriceEntry>();

    /// <summary>The price at a moment, or null when there is none. Allocates nothing.</summary>
    /// <param name="atMicros">Microseconds since 1970-01-01 UTC.</param>
    public PriceEntry? At(long atMicros)
    {
        var i = _starts.Length - 1;
        while (i > 0 && _starts[i] > atMicros)
        {
            i--;
        }

        return _prices[i];
    }
}
