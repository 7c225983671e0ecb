using System.Collections.Concurrent;
using System.Collections.Frozen;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Edge.Prices;

/// <summary>Which price is asked for: of what model, for whom and when. A request keeps the price of the moment it came.</summary>
internal readonly record struct PriceQuery(string Model, string CustomerId, long AtMicros);

/// <summary>What a deployment's model costs: worked out when the configuration is built, for every customer who has prices of their own. The two places where the edge computes money.</summary>
internal sealed class ModelPricing
{
    // Names come from callers: beyond this many, the price is worked out each time.
    private const int MostNames = 4_096;

    private readonly DeploymentEntry _entry;
    private readonly PriceBook _book;
    private readonly PricedModel? _table;
    private readonly PriceTimeline? _prices;
    private readonly FrozenDictionary<string, PriceTimeline>? _ofCustomers;
    private readonly ConcurrentDictionary<(string Model, string Customer), PriceTimeline>? _ofNames;
    private readonly long _searches;

    public ModelPricing(DeploymentEntry entry, PriceBook? book = null, UnpricedPolicy unpriced = UnpricedPolicy.Deny)
    {
        _entry = entry;
        _book = book ?? PriceBook.BuiltIn;
        // It searches for every request, also where it does not tell.
        _searches = entry.ProviderId == "perplexity" ? 1 : 0;
        Unpriced = entry.Unpriced ?? unpriced;
        if (entry.Model.Contains('*', StringComparison.Ordinal))
        {
            _ofNames = new();
            return;
        }

        _table = PriceTable.Default.FindModel(entry.ProviderId, entry.Model);
        _prices = _book.Find(entry, entry.Model, "");
        if (_book.Customers.Count > 0)
        {
            _ofCustomers = _book.Customers.ToFrozenDictionary(static c => c, c => _book.Find(entry, entry.Model, c), StringComparer.Ordinal);
        }
    }

    /// <summary>What a request gets when there is no price and a budget stands above it.</summary>
    public UnpricedPolicy Unpriced { get; }

    /// <summary>The price, or null when nobody knows it.</summary>
    public PriceEntry? Price(in PriceQuery query)
    {
        if (_ofNames is not null)
        {
            return OfName(query).At(query.AtMicros);
        }

        return (_ofCustomers is null ? _prices! : _ofCustomers.GetValueOrDefault(query.CustomerId, _prices!)).At(query.AtMicros);
    }

    /// <summary>The most output tokens <paramref name="model"/> can produce, or null when unknown.</summary>
    public int? MaxOutput(string model) =>
        _entry.MaxOutputTokens ?? (_ofNames is null ? _table : PriceTable.Default.FindModel(_entry.ProviderId, model))?.MaxOutputTokens;

    /// <summary>The most that a request can cost, in nano-US-dollars; null when the model is unpriced.</summary>
    /// <param name="query">The price asked for.</param>
    /// <param name="promptTokens">Upper bound of the prompt.</param>
    /// <param name="outputTokens">Upper bound of the output.</param>
    /// <param name="units">Upper bound of what is not billed by tokens.</param>
    /// <param name="asked">The tier that the request may be served in besides the usual one.</param>
    public long? UpperBound(in PriceQuery query, long promptTokens, long outputTokens, in UsageUnits units, ServiceTier asked = ServiceTier.Standard) =>
        Price(query) is { } price ? PriceMath.UpperBound(price, promptTokens, outputTokens, units.WebSearches < _searches ? units with { WebSearches = _searches } : units, asked) : null;

    /// <summary>What a request costs in nano-US-dollars; 0 without a version when the model is unpriced.</summary>
    /// <param name="query">The price asked for.</param>
    /// <param name="tokens">Tokens by disjoint class.</param>
    /// <param name="units">What is not billed by tokens.</param>
    /// <param name="tier">How the provider served it.</param>
    /// <param name="version">Version of the price, or null.</param>
    /// <param name="requests">Requests that the tokens are of; only a batch has more than one.</param>
    public long Cost(in PriceQuery query, in TokenCounts tokens, in UsageUnits units, ServiceTier tier, out string? version, long requests = 1)
    {
        if (Price(query) is not { } price)
        {
            version = null;
            return 0;
        }

        version = price.Version;
        return PriceMath.Cost(price, tokens, units, tier, requests);
    }

    private PriceTimeline OfName(in PriceQuery query)
    {
        var key = (query.Model, _book.Customers.Contains(query.CustomerId) ? query.CustomerId : "");
        if (!_ofNames!.TryGetValue(key, out var prices))
        {
            prices = _book.Find(_entry, key.Model, key.Item2);
            if (_ofNames.Count < MostNames)
            {
                _ofNames.TryAdd(key, prices);
            }
        }

        return prices;
    }
}
