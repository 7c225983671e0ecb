using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Edge.Runtime;

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

    /// <summary>Cost in nano-US-dollars, rounded up in each class so that the sum never falls below the true cost.</summary>
    public static long Cost(PriceEntry price, in TokenCounts tokens) => checked(
        price.PerRequest
        + Part(tokens.Input, price.InputPerMillion)
        + Part(tokens.CacheRead, price.CacheReadPerMillion ?? price.InputPerMillion)
        + Part(tokens.CacheWrite, price.CacheWritePerMillion ?? price.InputPerMillion)
        + Part(tokens.AudioInput, price.AudioInputPerMillion ?? price.InputPerMillion)
        + Part(tokens.Output, price.OutputPerMillion)
        + Part(tokens.Reasoning, price.ReasoningPerMillion ?? price.OutputPerMillion)
        + Part(tokens.AudioOutput, price.AudioOutputPerMillion ?? price.OutputPerMillion));

    /// <summary>Cost of what is not billed by tokens, and of images' tokens beyond what they cost as text.</summary>
    public static long Cost(PriceEntry price, in UsageUnits units) => checked(
        (units.Images * price.PerImage)
        + (units.Characters * price.PerCharacter)
        + (units.Searches * price.PerSearch)
        + (long)((((Int128)units.AudioMilliseconds * price.PerAudioSecond) + 999) / 1_000)
        + Part(units.ImageInputTokens, Math.Max(0, (price.ImageInputPerMillion ?? 0) - price.InputPerMillion)));

    private static long Part(long tokens, long perMillion) =>
        tokens == 0 || perMillion == 0 ? 0 : (long)(((Int128)tokens * perMillion + 999_999) / 1_000_000);
}
