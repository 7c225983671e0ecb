using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>
/// The built-in prices and limits of text models. What the table does not know, or has doubtful figures for, has no price: it is
/// never guessed.
/// </summary>
public sealed class PriceTable
{
    private static readonly Lazy<PriceTable> LazyDefault = new(Load);
    private readonly FrozenDictionary<string, ProviderPrices> _providers;

    private PriceTable(string version, List<RawPrice> models)
    {
        Version = version;
        var reasons = new Dictionary<RawPrice, string>();
        foreach (var model in models)
        {
            if ((model.Input ?? model.Output) is not null && PriceDoubts.OfItself(model) is { } reason)
            {
                reasons.Add(model, reason);
            }
        }

        PriceDoubts.AgainstPeers(models, reasons);
        Doubtful = [.. models.Where(reasons.ContainsKey).Select(m => new DoubtfulPrice(m.Provider, m.Model, m.Input, m.Output, reasons[m]))];

        var providers = new Dictionary<string, ProviderPrices>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            ref var prices = ref CollectionsMarshal.GetValueRefOrAddDefault(providers, model.Provider, out _);
            prices ??= new ProviderPrices();
            var priced = (model.Input ?? model.Output) is not null && !reasons.ContainsKey(model);
            prices.Add(model.ToPricedModel(version, priced));
        }

        _providers = providers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The table that comes with the gateway; read on first use.</summary>
    public static PriceTable Default => LazyDefault.Value;

    /// <summary>The day the figures were gathered, for example <c>2026-11-21</c>; the version of every price from here.</summary>
    public string Version { get; }

    /// <summary>Models left unpriced because their figures are in doubt, each with the reason.</summary>
    public IReadOnlyList<DoubtfulPrice> Doubtful { get; }

    /// <summary>The price of a model, or null when it is unknown or in doubt. See <see cref="FindModel"/> for how names are matched.</summary>
    /// <param name="providerId">Provider id of the catalogue, for example <c>openai</c>.</param>
    /// <param name="model">Model name as sent to the provider.</param>
    public PriceEntry? Find(string providerId, string model) => FindModel(providerId, model)?.Price;

    /// <summary>
    /// What is known of a model, or null. The exact name wins; then the name in another case; then, and only as the same provider's
    /// model: without the provider's own prefix (<c>groq/x</c> or <c>models/x</c> is <c>x</c>), a fine-tuned model by its base
    /// (<c>ft:base:…</c>), and a dated or <c>-latest</c> name by its undated one, unless a dated sibling costs something else.
    /// </summary>
    /// <param name="providerId">Provider id of the catalogue, for example <c>openai</c>.</param>
    /// <param name="model">Model name as sent to the provider.</param>
    public PricedModel? FindModel(string providerId, string model)
    {
        ArgumentNullException.ThrowIfNull(providerId);
        ArgumentNullException.ThrowIfNull(model);
        var name = ProviderCatalogue.Default.Find(providerId)?.PriceProvider ?? providerId;
        if (model.Length is 0 or > 256 || !_providers.TryGetValue(name, out var prices))
        {
            return null;
        }

        return prices.Find(model)
            ?? (model.StartsWith(providerId + "/", StringComparison.OrdinalIgnoreCase) ? prices.Find(model[(providerId.Length + 1)..]) : null)
            ?? (model.StartsWith("models/", StringComparison.Ordinal) ? prices.Find(model["models/".Length..]) : null);
    }

    /// <summary>All text models of a provider, in the table's order; empty when it is unknown.</summary>
    /// <param name="providerId">Provider id of the catalogue, for example <c>openai</c>.</param>
    public IReadOnlyList<PricedModel> ModelsOf(string providerId)
    {
        ArgumentNullException.ThrowIfNull(providerId);
        var name = ProviderCatalogue.Default.Find(providerId)?.PriceProvider ?? providerId;
        return _providers.TryGetValue(name, out var prices) ? prices.All : [];
    }

    internal static unsafe PriceTable Load()
    {
        using var stream = typeof(PriceTable).Assembly.GetManifestResourceStream("model-prices.json")
            ?? throw new InvalidOperationException("model-prices.json is not embedded in this assembly.");
        if (stream is UnmanagedMemoryStream mapped)
        {
            var (models, asOf) = PriceFileReader.Read(new ReadOnlySpan<byte>(mapped.PositionPointer, checked((int)mapped.Length)));
            return new PriceTable(asOf, models);
        }

        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var read = PriceFileReader.Read(copy.GetBuffer().AsSpan(0, (int)copy.Length));
        return new PriceTable(read.AsOf, read.Models);
    }
}
