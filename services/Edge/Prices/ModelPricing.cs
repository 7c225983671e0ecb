using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Edge.Prices;

/// <summary>What a deployment's model costs: its own price, else the built-in table's, else unknown.</summary>
internal sealed class ModelPricing
{
    private readonly string _providerId;
    private readonly PriceEntry? _own;
    private readonly int? _ownMaxOutput;
    private readonly PricedModel? _table;
    private readonly bool _isWildcard;

    public ModelPricing(DeploymentEntry entry)
    {
        _providerId = entry.ProviderId;
        _own = entry.Price;
        _ownMaxOutput = entry.MaxOutputTokens;
        _isWildcard = entry.Model.Contains('*', StringComparison.Ordinal);
        _table = _isWildcard || (_own is not null && _ownMaxOutput is not null) ? null : PriceTable.Default.FindModel(entry.ProviderId, entry.Model);
    }

    /// <summary>The price of <paramref name="model"/>, or null when nobody knows it.</summary>
    public PriceEntry? Price(string model) => _own ?? Table(model)?.Price;

    /// <summary>The most output tokens <paramref name="model"/> can produce, or null when unknown.</summary>
    public int? MaxOutput(string model) => _ownMaxOutput ?? Table(model)?.MaxOutputTokens;

    private PricedModel? Table(string model) => _isWildcard ? PriceTable.Default.FindModel(_providerId, model) : _table;

    /// <summary>The most that a request can cost, in nano-US-dollars; null when the model is unpriced.</summary>
    public long? UpperBound(string model, long promptTokens, long outputTokens, in UsageUnits units) =>
        Price(model) is { } price ? PriceMath.UpperBound(price, promptTokens, outputTokens, units) : null;

    /// <summary>What a request costs in nano-US-dollars; 0 without a version when the model is unpriced.</summary>
    /// <param name="model">Model name as sent to the provider.</param>
    /// <param name="tokens">Tokens by disjoint class.</param>
    /// <param name="units">What is not billed by tokens.</param>
    /// <param name="version">Version of the price, or null.</param>
    /// <param name="requests">Requests that the tokens are of; only a batch has more than one.</param>
    public long Cost(string model, in TokenCounts tokens, in UsageUnits units, out string? version, long requests = 1)
    {
        if (Price(model) is not { } price)
        {
            version = null;
            return 0;
        }

        version = price.Version;
        return PriceMath.Cost(price, tokens, units, requests);
    }
}
