using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Prices;

/// <summary>What a stored record costs by the prices in force now, at the moment it was made.</summary>
internal sealed class RecordRating(EffectiveConfig config)
{
    private readonly GatewaySettings _settings = config.Stored.Settings.Values.Select(static s => s.Value).FirstOrDefault() ?? new GatewaySettings();
    private readonly PriceBook _plain = new([.. config.Stored.PriceOverrides.Values.Select(static p => p.Value)]);
    private readonly PriceBook _assuming = new(
        [.. config.Stored.PriceOverrides.Values.Select(static p => p.Value)], PriceBook.FindAssumed(config.Stored.Settings.Values.Select(static s => s.Value.AssumedPrice).FirstOrDefault()));

    private readonly Dictionary<(string Deployment, string Provider, string Model, string Customer), PriceTimeline> _known = [];

    /// <summary>Its cost and the price's version; null when nothing has a price for it.</summary>
    /// <param name="row">The record.</param>
    /// <param name="mixed">True when it cannot be rated: it is of several requests or deployments, and what each used is not known.</param>
    public (long Cost, string Version)? Rate(UsageRecordRow row, out bool mixed)
    {
        var view = row.ToView();
        mixed = view.Continued;
        if (mixed || Price(row) is not { } price)
        {
            return null;
        }

        var several = view.Operation == Operation.Batch || view.Count > 1;
        mixed = several && price.Variants.Any(static v => v.AbovePromptTokens > 0);
        return mixed ? null : (PriceMath.Cost(price, Tokens(view.Tokens), view.Units, view.Tier, Math.Max(1, view.Count)), price.Version);
    }

    private PriceEntry? Price(UsageRecordRow row)
    {
        var key = (row.Deployment, row.Provider, row.Model, row.Customer);
        if (!_known.TryGetValue(key, out var prices))
        {
            var deployment = config.Deployment(row.Deployment);
            // Where the deployment takes any model, the record has the name that the caller wrote.
            var model = deployment is { Model: var own } && !own.Contains('*', StringComparison.Ordinal) ? own
                : row.Model.StartsWith(row.Provider + "/", StringComparison.Ordinal) ? row.Model[(row.Provider.Length + 1)..] : row.Model;

            // As on the edge: what a deployment says of models without a price comes before what holds for all.
            var book = (deployment?.Unpriced ?? _settings.Unpriced) == UnpricedPolicy.Assume ? _assuming : _plain;
            prices = book.Find(deployment ?? new DeploymentEntry { Id = row.Deployment, ProviderId = row.Provider, Model = model }, model, row.Customer);
            _known.Add(key, prices);
        }

        return prices.At(row.StartedAt);
    }

    private static TokenCounts Tokens(TokenUsage t) => new()
    {
        Input = t.Input, CacheRead = t.CacheRead, CacheWrite = t.CacheWrite, CacheWriteHour = t.CacheWriteHour, Output = t.Output, Reasoning = t.Reasoning, AudioInput = t.AudioInput,
        AudioCacheRead = t.AudioCacheRead, AudioOutput = t.AudioOutput, ImageInput = t.ImageInput, ImageCacheRead = t.ImageCacheRead, ImageOutput = t.ImageOutput,
    };
}
