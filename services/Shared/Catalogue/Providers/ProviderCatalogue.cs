using System.Collections.Frozen;

namespace Gateway.Catalogue;

/// <summary>The built-in table of providers, in order of preference for a model name that several of them serve.</summary>
public sealed class ProviderCatalogue
{
    private static readonly Lazy<ProviderCatalogue> LazyDefault = new(Load);
    private readonly FrozenDictionary<string, CatalogueProvider> _byId;

    private ProviderCatalogue(List<CatalogueProvider> all)
    {
        All = all;
        _byId = all.ToFrozenDictionary(static p => p.Id, StringComparer.Ordinal);
    }

    /// <summary>The table that comes with the gateway; read on first use.</summary>
    public static ProviderCatalogue Default => LazyDefault.Value;

    /// <summary>All providers in the table's order.</summary>
    public IReadOnlyList<CatalogueProvider> All { get; }

    /// <summary>The provider with this id, or null.</summary>
    /// <param name="id">Provider id, case-sensitive.</param>
    public CatalogueProvider? Find(string id) => _byId.GetValueOrDefault(id);

    private static ProviderCatalogue Load()
    {
        using var stream = typeof(ProviderCatalogue).Assembly.GetManifestResourceStream("providers.tsv")
            ?? throw new InvalidOperationException("providers.tsv is not embedded in this assembly.");
        using var reader = new StreamReader(stream);
        var all = new List<CatalogueProvider>(128);
        if (!CatalogueLine.IsHeader(reader.ReadLine()))
        {
            throw new InvalidOperationException("providers.tsv does not begin with the names of its columns.");
        }

        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                all.Add(CatalogueLine.Parse(line));
            }
        }

        return new ProviderCatalogue(all);
    }
}
