using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Governance.Entries;
using Gateway.Governance.Reconciliation.Bills;

namespace Gateway.Governance.Reconciliation;

/// <summary>What a unit cost by the price that a record was rated by: overrides, deployments' own prices, the table and assumed prices, found by the version on the record.</summary>
internal sealed class LedgerPrices(ConfigState config)
{
    private const long Million = 1_000_000;

    private readonly PriceBook _book = new(
        [.. config.PriceOverrides.Values.Select(p => p.Value)],
        config.Settings.Values.Select(s => PriceBook.FindAssumed(s.Value.AssumedPrice)).FirstOrDefault());

    private readonly Dictionary<(string Deployment, string Provider, string Model), IReadOnlyDictionary<string, PriceEntry>> _known = [];

    /// <summary>Nano-dollars for a million of each unit; null when no price of that version is known any more.</summary>
    public IReadOnlyList<(BilledUnit Unit, long NanoUsd)>? PerMillion(string deployment, string provider, string model, string version)
    {
        var key = (deployment, provider, model);
        if (!_known.TryGetValue(key, out var versions))
        {
            _known.Add(key, versions = Versions(deployment, provider, model));
        }

        return versions.TryGetValue(version, out var price) ? Units(price) : null;
    }

    private Dictionary<string, PriceEntry> Versions(string deployment, string provider, string model)
    {
        var entry = config.Deployments.TryGetValue(deployment, out var stored) ? stored.Value : new DeploymentEntry { Id = deployment, ProviderId = provider, Model = model };
        var versions = new Dictionary<string, PriceEntry>(StringComparer.Ordinal);
        foreach (var price in _book.Customers.Prepend("").SelectMany(customer => _book.Find(entry, model, customer).Prices))
        {
            versions.TryAdd(price.Version, price);
        }

        return versions;
    }

    private static List<(BilledUnit Unit, long NanoUsd)> Units(PriceEntry price)
    {
        // Of one unit alone: what is charged for each request, and what long prompts cost, is in the amounts and not in the price of a unit.
        var plain = price with { PerRequest = 0, Variants = [] };
        return
        [
            (BilledUnit.Input, Tokens(new TokenCounts { Input = Million })), (BilledUnit.CacheRead, Tokens(new TokenCounts { CacheRead = Million })),
            (BilledUnit.CacheWrite, Tokens(new TokenCounts { CacheWrite = Million })), (BilledUnit.CacheWriteHour, Tokens(new TokenCounts { CacheWriteHour = Million })),
            (BilledUnit.Output, Tokens(new TokenCounts { Output = Million })), (BilledUnit.Reasoning, Tokens(new TokenCounts { Reasoning = Million })),
            (BilledUnit.AudioInput, Tokens(new TokenCounts { AudioInput = Million })), (BilledUnit.AudioCacheRead, Tokens(new TokenCounts { AudioCacheRead = Million })),
            (BilledUnit.AudioOutput, Tokens(new TokenCounts { AudioOutput = Million })), (BilledUnit.ImageInput, Tokens(new TokenCounts { ImageInput = Million })),
            (BilledUnit.ImageCacheRead, Tokens(new TokenCounts { ImageCacheRead = Million })), (BilledUnit.ImageOutput, Tokens(new TokenCounts { ImageOutput = Million })),
            (BilledUnit.Images, Of(default, new UsageUnits { Images = 1 }) * Million), (BilledUnit.WebSearches, Of(default, new UsageUnits { WebSearches = 1 }) * Million),
        ];

        long Tokens(TokenCounts tokens) => Of(tokens, default);

        long Of(TokenCounts tokens, UsageUnits units) => PriceMath.Cost(plain, tokens, units, ServiceTier.Standard, 1);
    }
}
