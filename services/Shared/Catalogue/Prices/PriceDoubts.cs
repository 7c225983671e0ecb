using System.Globalization;

namespace Gateway.Catalogue;

/// <summary>
/// Finds figures that nobody should be billed by. Better an unpriced model that says so than a wrong bill: each rule here has
/// caught real mistakes of the gathered table, or stands where one would go unseen. docs/prices.md lists them.
/// </summary>
internal static class PriceDoubts
{
    private const long Usd = NanoUsd.PerUsd;
    private const long HighestInput = 200 * Usd;
    private const long HighestOutput = 1_000 * Usd;
    private const long HighestEmbedding = 10 * Usd;
    private const long HighestImage = 2 * Usd;
    private const long HighestSecond = Usd / 100;
    private const long HighestCharacter = Usd / 1_000;
    private const long HighestSearch = Usd / 10;
    private const long LowestText = Usd / 200;
    private const long WidestOutputRatio = 30;
    private const long NarrowestOutputRatio = 20;
    private const long Magnitude = 12;
    private const long VariantMagnitude = 20;
    private const int PeersNeeded = 3;

    /// <summary>The reason to doubt a model's own figures, or null.</summary>
    public static string? OfItself(RawPrice p) => p.Mode switch
    {
        ModelMode.Image => OfImages(p),
        ModelMode.Transcription when p.Input < 0 && p.Output < 0 => OfUnit(p.PerSecond, HighestSecond, "second"),
        ModelMode.Speech when p.Output < 0 => OfUnit(p.PerCharacter, HighestCharacter, "character"),
        ModelMode.Rerank => OfReranking(p),
        _ => OfTokens(p),
    } ?? OfVariants(p, static v => v.Tier is null, out _);

    /// <summary>The reason to doubt the price of a tier of a model whose other figures are believed, and which; or null.</summary>
    public static string? OfTiers(RawPrice p, out RawVariant tier) => OfVariants(p, static v => v.Tier is not null, out tier);

    /// <summary>Adds a reason for every model twelve or more times dearer or cheaper than the median of the same model elsewhere.</summary>
    public static void AgainstPeers(IReadOnlyList<RawPrice> models, Dictionary<RawPrice, string> reasons)
    {
        var groups = new Dictionary<string, List<RawPrice>>(models.Count, StringComparer.Ordinal);
        foreach (var model in models)
        {
            if (model.Input > 0 && model.HasPrice && !reasons.ContainsKey(model))
            {
                var name = ModelNames.Family(model.Model);
                if (!groups.TryGetValue(name, out var group))
                {
                    groups.Add(name, group = []);
                }

                group.Add(model);
            }
        }

        foreach (var group in groups.Values)
        {
            if (group.Count > PeersNeeded)
            {
                Compare(group, reasons);
            }
        }
    }

    private static string? OfTokens(RawPrice p)
    {
        var (input, output) = (Math.Max(p.Input, 0), Math.Max(p.Output, 0));
        if (input == 0 && output == 0)
        {
            return "zero price";
        }

        if (p.Mode is ModelMode.Embedding or ModelMode.Moderation)
        {
            return input > HighestEmbedding ? Say($"{Dollars(input)} USD per million tokens is no price of an embedding") : null;
        }

        if (input == 0 && p.Rates.Of(TokenClass.AudioInput) <= 0)
        {
            return "input price missing";
        }

        if (output == 0)
        {
            return "output price missing";
        }

        if (input > HighestInput || output > HighestOutput)
        {
            return Say($"{Dollars(input)} / {Dollars(output)} USD per million tokens is far above every model known: the source may be off by 1,000");
        }

        if (input is > 0 and < LowestText)
        {
            return Say($"{Dollars(input)} USD per million tokens looks like a price per step or image");
        }

        return input > 0 && (output > input * WidestOutputRatio || output * NarrowestOutputRatio < input)
            ? Say($"output costs {decimal.Round((decimal)output / input, 2)} times the input")
            : null;
    }

    private static string? OfImages(RawPrice p)
    {
        var tokens = Math.Max(p.Rates.Of(TokenClass.ImageOutput), p.Output);
        if (p.Input is > 0 and < LowestText || p.Output is > 0 and < LowestText)
        {
            return Say($"{Dollars(Math.Max(p.Input, p.Output))} USD per million tokens looks like a price per step or image");
        }

        if (p.Input > HighestInput || tokens > HighestOutput)
        {
            return Say($"{Dollars(Math.Max(p.Input, 0))} / {Dollars(tokens)} USD per million tokens is far above every model known: the source may be off by 1,000");
        }

        return tokens > 0 || p.PerMillionPixels > 0 ? null
            : p.PerImage <= 0 && p.Input > 0 ? "output price missing"
            : OfUnit(p.PerImage, HighestImage, "image");
    }

    private static string? OfReranking(RawPrice p) =>
        p.PerQuery > 0 ? OfUnit(p.PerQuery, HighestSearch, "search")
        : p.Input <= 0 ? "zero price"
        : p.Input > HighestEmbedding ? Say($"{Dollars(p.Input)} USD per million tokens is no price of a reranking") : null;

    private static string? OfUnit(long price, long highest, string unit) =>
        price <= 0 ? "zero price" : price > highest ? Say($"{Dollars(price)} USD per {unit} is far above every model known") : null;

    /// <summary>A tier or a long prompt costs a few times more or less (the widest that is known to be true is twelve times), never many times.</summary>
    private static string? OfVariants(RawPrice p, Func<RawVariant, bool> which, out RawVariant doubtful)
    {
        foreach (var variant in (p.Variants ?? []).Where(which))
        {
            for (var i = 0; i < ClassRates.Count; i++)
            {
                if (variant.Rates[i] > 0 && p.Rates[i] > 0 && Apart(variant.Rates[i], p.Rates[i], VariantMagnitude))
                {
                    doubtful = variant;
                    return Say($"a tier or long prompt costs {Dollars(variant.Rates[i])} USD per million tokens of a class that costs {Dollars(p.Rates[i])} otherwise");
                }
            }
        }

        doubtful = null!;
        return null;
    }

    private static void Compare(List<RawPrice> group, Dictionary<RawPrice, string> reasons)
    {
        var peers = new List<long>(group.Count);
        foreach (var model in group)
        {
            peers.Clear();
            foreach (var other in group)
            {
                if (other.Provider != model.Provider && other.Mode == model.Mode)
                {
                    peers.Add(other.Input);
                }
            }

            if (peers.Count < PeersNeeded)
            {
                continue;
            }

            peers.Sort();
            var median = peers[peers.Count / 2];
            if (Apart(model.Input, median, Magnitude))
            {
                reasons[model] = Say($"{Dollars(model.Input)} USD per million input tokens, while {peers.Count} other offers of the model have a median of {Dollars(median)}");
            }
        }
    }

    private static bool Apart(long a, long b, long times) => a >= b * times || a * times <= b;

    private static decimal Dollars(long nano) => (decimal)nano / Usd;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
