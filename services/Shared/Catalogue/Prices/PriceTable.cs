using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>
/// The built-in prices and limits of models. What the table does not know, or has doubtful figures for, has no price: it is
/// never guessed.
/// </summary>
public sealed class PriceTable
{
    /// <summary>What the version of every price from here begins with; the day follows.</summary>
    public const string VersionPrefix = "table@";

    private static readonly Lazy<PriceTable> LazyDefault = new(Load);
    private readonly FrozenDictionary<string, ProviderPrices> _providers;

    private PriceTable(string version, List<RawPrice> models)
    {
        Version = version;
        var priceVersion = VersionPrefix + version;
        var reasons = new Dictionary<RawPrice, string>();
        foreach (var model in models)
        {
            if (model.HasPrice && PriceDoubts.OfItself(model) is { } reason)
            {
                reasons.Add(model, reason);
            }
        }

        PriceDoubts.AgainstPeers(models, reasons);
        var doubtful = new List<DoubtfulPrice>();
        foreach (var model in models)
        {
            if (reasons.TryGetValue(model, out var reason))
            {
                doubtful.Add(new DoubtfulPrice(model.Provider, model.Model, null, RawPriceEntry.Make(model, priceVersion, null), reason));
            }
            else if (model.HasPrice && PriceDoubts.OfTiers(model, out var tier) is { } ofTier)
            {
                doubtful.Add(new DoubtfulPrice(model.Provider, model.Model, tier.Tier, RawPriceEntry.Make(model, priceVersion, null), ofTier));
                model.Variants!.RemoveAll(v => v.Tier == tier.Tier);
            }
        }

        Doubtful = doubtful;

        var providers = new Dictionary<string, ProviderPrices>(StringComparer.Ordinal);
        var images = new Dictionary<(string Provider, string Model), List<ImagePriceEntry>>();
        foreach (var model in models)
        {
            if (ImageRows.TryRead(model, out var of, out var image))
            {
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(images, (model.Provider, of), out _);
                (list ??= []).Add(image);
            }
        }

        foreach (var model in models)
        {
            ref var prices = ref CollectionsMarshal.GetValueRefOrAddDefault(providers, model.Provider, out _);
            prices ??= new ProviderPrices();
            images.Remove((model.Provider, model.Model), out var sizes);
            var priced = model.HasPrice && !reasons.ContainsKey(model);
            prices.Add(new PricedModel
            {
                Provider = model.Provider,
                Model = model.Model,
                Mode = model.Mode,
                Price = priced ? RawPriceEntry.Make(model, priceVersion, sizes) : null,
                MaxOutputTokens = model.MaxOutputTokens,
                ContextTokens = model.ContextTokens,
                RetiredOn = model.RetiredOn,
            });
        }

        foreach (var ((provider, model), sizes) in images)
        {
            var raw = new RawPrice { Provider = provider, Model = model, Mode = ModelMode.Image };
            providers[provider].Add(new PricedModel { Provider = provider, Model = model, Mode = ModelMode.Image, Price = RawPriceEntry.Make(raw, priceVersion, sizes) });
        }

        Providers = [.. providers.Keys.Order(StringComparer.Ordinal)];
        _providers = providers.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The table that comes with the gateway; read on first use.</summary>
    public static PriceTable Default => LazyDefault.Value;

    /// <summary>The day the figures were gathered, for example <c>2026-11-21</c>; every price from here has it in its version.</summary>
    public string Version { get; }

    /// <summary>The providers of the table by its own names, in order.</summary>
    public IReadOnlyList<string> Providers { get; }

    /// <summary>Models left unpriced because their figures are in doubt, and tiers left out, each with the reason.</summary>
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

    /// <summary>All models of a provider, in the table's order; empty when it is unknown.</summary>
    /// <param name="providerId">Provider id of the catalogue, for example <c>openai</c>.</param>
    public IReadOnlyList<PricedModel> ModelsOf(string providerId)
    {
        ArgumentNullException.ThrowIfNull(providerId);
        var name = ProviderCatalogue.Default.Find(providerId)?.PriceProvider ?? providerId;
        return _providers.TryGetValue(name, out var prices) ? prices.All : [];
    }

    /// <summary>Why the figures of a model are in doubt, or null.</summary>
    /// <param name="providerId">Provider id of the catalogue, for example <c>openai</c>.</param>
    /// <param name="model">Model name as sent to the provider.</param>
    public DoubtfulPrice? FindDoubt(string providerId, string model)
    {
        var found = FindModel(providerId, model);
        return found is null ? null : Doubtful.FirstOrDefault(d => d.Tier is null && d.Provider == found.Provider && d.Model == found.Model);
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
