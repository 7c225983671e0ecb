namespace Gateway.Catalogue;

/// <summary>The models of one provider, found by name.</summary>
internal sealed class ProviderPrices
{
    private const string Latest = "-latest";
    private readonly List<PricedModel> _all = [];
    private readonly Dictionary<string, PricedModel> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PricedModel> _byAnyCase = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<PricedModel> All => _all;

    public void Add(PricedModel model)
    {
        _all.Add(model);
        _byName.TryAdd(model.Model, model);
        _byAnyCase.TryAdd(model.Model, model);
    }

    public PricedModel? Find(string model)
        => _byName.GetValueOrDefault(model)
            ?? _byAnyCase.GetValueOrDefault(model)
            ?? (ModelNames.FineTuneBase(model) is { } tuned ? _byAnyCase.GetValueOrDefault(tuned) : null)
            ?? FindUndated(model);

    private PricedModel? FindUndated(string model)
    {
        var undated = model.EndsWith(Latest, StringComparison.Ordinal) ? model[..^Latest.Length] : ModelNames.WithoutDate(model).ToString();
        if (undated.Length == model.Length || !_byAnyCase.TryGetValue(undated, out var found))
        {
            return null;
        }

        foreach (var sibling in _all)
        {
            var differs = sibling.Price?.InputPerMillion != found.Price?.InputPerMillion || sibling.Price?.OutputPerMillion != found.Price?.OutputPerMillion;
            if (differs && sibling.Model.Length > undated.Length && ModelNames.WithoutDate(sibling.Model).Equals(undated, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        return found;
    }
}
