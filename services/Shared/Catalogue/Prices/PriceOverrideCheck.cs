using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>What an override must be, wherever it comes from.</summary>
public static class PriceOverrideCheck
{
    /// <summary>Most versions of an override.</summary>
    public const int MostVersions = 100;

    /// <summary>Most variants of a price.</summary>
    public const int MostVariants = 50;

    private const int HighestFactor = 1_000_000;

    /// <summary>What is wrong with an override, one sentence for each problem.</summary>
    public static IEnumerable<string> Problems(PriceOverrideEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Versions.Count is 0 or > MostVersions)
        {
            yield return $"It must have 1 to {MostVersions} versions.";
        }

        for (var i = 0; i < entry.Versions.Count; i++)
        {
            var version = entry.Versions[i];
            if (version.Price is null == version.FactorBasisPoints is null)
            {
                yield return $"versions[{i}] must have a price or a factorBasisPoints, not both.";
            }

            if (version.FactorBasisPoints is < 1 or > HighestFactor)
            {
                yield return $"versions[{i}].factorBasisPoints must be 1 to 1,000,000; what is free has a price with free: true.";
            }

            if (version.From is { } from && version.Until is { } until && until <= from)
            {
                yield return $"versions[{i}] must end after it begins.";
            }

            if (version.Price is { } price && Problem(price) is { } problem)
            {
                yield return $"versions[{i}].price: {problem}";
            }
        }
    }

    /// <summary>What is wrong with a price, or null. Only a price that says so may be 0: a zero is more often forgotten than meant.</summary>
    public static string? Problem(PriceEntry price)
    {
        ArgumentNullException.ThrowIfNull(price);
        var dearest = PriceMath.UpperBound(price, 1_000_000_000, 1_000_000_000, new() { Images = 1, Pixels = 1_000_000, AudioMilliseconds = 1_000_000, Characters = 1, Searches = 1, WebSearches = 1 })
            - PriceMath.UpperBound(price with { Free = true }, 0, 0, default);
        return price.Variants.Count > MostVariants ? $"It may have at most {MostVariants} variants."
            : price.Free && dearest + price.PerRequest > 0 ? "What is free costs nothing: take out the figures, or free."
            : !price.Free && dearest + price.PerRequest == 0 ? "All its figures are 0: set free: true if the model truly costs nothing."
            : null;
    }
}
