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
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                all.Add(ParseLine(line));
            }
        }

        return new ProviderCatalogue(all);
    }

    private static CatalogueProvider ParseLine(string line)
    {
        var columns = line.Split('\t');
        if (columns.Length != 8)
        {
            throw new InvalidOperationException($"providers.tsv: a line has {columns.Length} columns instead of 8: {columns[0]}");
        }

        return new CatalogueProvider
        {
            Id = columns[0],
            BaseUrl = columns[1].TrimEnd('/'),
            KeyVariables = columns[2].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            BaseUrlVariable = columns[3].Length == 0 ? null : columns[3],
            AuthHeader = columns[4].Length == 0 ? "Authorization" : columns[4],
            StreamUsageOption = columns[5] != "no",
            PriceProvider = columns[6].Length == 0 ? columns[0] : columns[6],
            Quirks = columns[7],
        };
    }
}
