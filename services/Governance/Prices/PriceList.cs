using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Prices;

/// <summary>Pages through the built-in table.</summary>
internal static class PriceList
{
    /// <summary>A page of the models whose name contains <paramref name="part"/>, in order of provider and model.</summary>
    public static PricePage Page(string? provider, string? part, bool doubtful, int limit, string? after)
    {
        var items = (doubtful ? Doubtful() : Known(provider))
            .Where(p => (provider is null || p.Provider == provider) && (string.IsNullOrEmpty(part) || p.Model.Contains(part, StringComparison.OrdinalIgnoreCase)))
            .Select(static p => (Key: Cursor(p), Item: p))
            .Where(p => after is null || string.CompareOrdinal(p.Key, after) > 0)
            .OrderBy(static p => p.Key, StringComparer.Ordinal)
            .Take(limit + 1).ToList();
        return new PricePage { Items = [.. items.Take(limit).Select(static p => p.Item)], Next = items.Count > limit ? items[limit - 1].Key : null };
    }

    private static string Cursor(PriceView view) => $"{view.Provider}/{view.Model}/{view.Reason}";

    private static IEnumerable<PriceView> Known(string? provider) =>
        (provider is null ? PriceTable.Default.Providers : [provider]).SelectMany(PriceTable.Default.ModelsOf)
            .Select(static m => new PriceView { Provider = m.Provider, Model = m.Model, Mode = m.Mode.ToString(), Price = m.Price, ContextTokens = m.ContextTokens, MaxOutputTokens = m.MaxOutputTokens, RetiredOn = m.RetiredOn });

    private static IEnumerable<PriceView> Doubtful() =>
        PriceTable.Default.Doubtful.Select(static d => new PriceView { Provider = d.Provider, Model = d.Model, Price = d.Figures, Reason = d.Tier is { } tier ? $"tier {tier.ToString().ToLowerInvariant()}: {d.Reason}" : d.Reason });
}

/// <summary>A page of the price table.</summary>
internal sealed record PricePage
{
    /// <summary>The models.</summary>
    public required IReadOnlyList<PriceView> Items { get; init; }

    /// <summary>Pass it as <c>after</c> to get the next page; null on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>A model of the price table.</summary>
internal sealed record PriceView
{
    /// <summary>Provider by its name in the table.</summary>
    public required string Provider { get; init; }

    /// <summary>Model name as the provider knows it.</summary>
    public required string Model { get; init; }

    /// <summary>What the model is for.</summary>
    public string? Mode { get; init; }

    /// <summary>Its price; null when there is none to bill by. Of a doubtful one the figures as gathered.</summary>
    public PriceEntry? Price { get; init; }

    /// <summary>Why the figures are not billed by.</summary>
    public string? Reason { get; init; }

    /// <summary>Tokens of prompt and output together, where known.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>Most output tokens, where known.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Last day of service, where announced.</summary>
    public string? RetiredOn { get; init; }
}

/// <summary>Which price applies, and why.</summary>
internal sealed record PriceResolution
{
    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Model name as sent to the provider.</summary>
    public required string Model { get; init; }

    /// <summary>The deployment asked for.</summary>
    public string? Deployment { get; init; }

    /// <summary>The customer asked for.</summary>
    public string? Customer { get; init; }

    /// <summary>The moment asked for.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What requests get while there is no price.</summary>
    public required UnpricedPolicy Unpriced { get; init; }

    /// <summary>The price, or null.</summary>
    public PriceEntry? Price { get; init; }

    /// <summary>Where a price was looked for, in order.</summary>
    public required IReadOnlyList<PriceStep> Steps { get; init; }
}
