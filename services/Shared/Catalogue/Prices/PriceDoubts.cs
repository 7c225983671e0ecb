using System.Globalization;

namespace Gateway.Catalogue;

/// <summary>
/// Finds figures that nobody should be billed by. Better an unpriced model that says so than a wrong bill: each rule here has
/// caught real mistakes of the gathered table.
/// </summary>
internal static class PriceDoubts
{
    private const decimal HighestInput = 200;
    private const decimal HighestOutput = 1000;
    private const decimal HighestEmbedding = 10;
    private const decimal LowestText = 0.005m;
    private const decimal WidestOutputRatio = 30;
    private const decimal NarrowestOutputRatio = 0.05m;
    private const decimal Magnitude = 12;
    private const int PeersNeeded = 3;

    /// <summary>The reason to doubt a model's own figures, or null.</summary>
    public static string? OfItself(RawPrice p)
    {
        var input = p.Input ?? 0;
        var output = p.Output ?? 0;
        if (input == 0 && output == 0)
        {
            return "zero price";
        }

        if (input < 0 || output < 0)
        {
            return "negative price";
        }

        if (p.Mode == ModelMode.Embedding)
        {
            return input > HighestEmbedding ? Say($"{input} USD per million tokens is no embedding price") : null;
        }

        if (input == 0)
        {
            return "input price missing";
        }

        if (output == 0)
        {
            return "output price missing";
        }

        if (input > HighestInput || output > HighestOutput)
        {
            return Say($"{input} / {output} USD per million tokens is far above every model known: the source may be off by 1,000");
        }

        if (input < LowestText)
        {
            return Say($"{input} USD per million tokens looks like a price per step or image");
        }

        var ratio = output / input;
        return ratio > WidestOutputRatio || ratio < NarrowestOutputRatio
            ? Say($"output costs {decimal.Round(ratio, 2)} times the input")
            : null;
    }

    /// <summary>Adds a reason for every model twelve or more times dearer or cheaper than the median of the same model elsewhere.</summary>
    public static void AgainstPeers(IReadOnlyList<RawPrice> models, Dictionary<RawPrice, string> reasons)
    {
        var groups = new Dictionary<string, List<RawPrice>>(models.Count, StringComparer.Ordinal);
        foreach (var model in models)
        {
            if (model.Input is > 0 && !reasons.ContainsKey(model))
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

    private static void Compare(List<RawPrice> group, Dictionary<RawPrice, string> reasons)
    {
        var peers = new List<decimal>(group.Count);
        foreach (var model in group)
        {
            peers.Clear();
            foreach (var other in group)
            {
                if (other.Provider != model.Provider && other.Mode == model.Mode)
                {
                    peers.Add(other.Input!.Value);
                }
            }

            if (peers.Count < PeersNeeded)
            {
                continue;
            }

            peers.Sort();
            var median = peers[peers.Count / 2];
            var input = model.Input!.Value;
            if (input >= median * Magnitude || input * Magnitude <= median)
            {
                reasons[model] = Say($"{input} USD per million input tokens, while {peers.Count} other offers of the model have a median of {median}");
            }
        }
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
