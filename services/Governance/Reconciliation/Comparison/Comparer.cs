using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Reconciliation.Comparison;

/// <summary>What is compared: a day of a provider's model and credential.</summary>
/// <param name="Day">First microsecond of the day.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Model">The model.</param>
/// <param name="Credential">Empty where the bill does not tell credentials apart.</param>
internal sealed record Place(long Day, string Provider, string Model, string Credential);

/// <summary>Records of one place, by the names that they have.</summary>
internal sealed record LedgerSlice(Place Place, LedgerSide Side);

/// <summary>A line of a bill of a provider.</summary>
internal sealed record ProviderLine(string Provider, BilledLine Line);

/// <summary>One place compared.</summary>
/// <param name="Place">The place.</param>
/// <param name="Ledger">What the ledger has of it.</param>
/// <param name="Billed">What was billed for it.</param>
/// <param name="Explanation">Why the two differ.</param>
/// <param name="Sources">The places of the ledger's records in it, by the names that they have.</param>
internal sealed record Compared(Place Place, LedgerSide Ledger, BilledSide Billed, Explanation Explanation, IReadOnlyList<Place> Sources);

/// <summary>Puts the ledger's records and the bills' lines side by side.</summary>
internal static class Comparer
{
    /// <summary>
    /// Compares. A bill that names no models or credentials on a day is compared with all of them together; a line without a model beside lines with one stands for itself.
    /// </summary>
    public static IReadOnlyList<Compared> Compare(IReadOnlyList<LedgerSlice> ledger, IReadOnlyList<ProviderLine> lines)
    {
        var named = lines.Where(l => l.Line.Model.Length > 0).Select(l => (l.Line.Day, l.Provider)).ToHashSet();
        var whole = lines.Select(l => (l.Line.Day, l.Provider)).Where(d => !named.Contains(d)).ToHashSet();
        var unattributed = lines.Where(l => l.Line.CredentialId.Length == 0).Select(l => (l.Line.Day, l.Provider, ModelKey(l.Line.Day, l.Provider, l.Line.Model))).ToHashSet();

        var sides = new Dictionary<(long Day, string Provider, string Model, string Credential), Pair>();
        foreach (var slice in ledger)
        {
            var place = slice.Place;
            var at = At(place.Day, place.Provider, place.Model, place.Credential);
            at.Ledger.Add(slice.Side);
            at.Sources.Add(place);
        }

        foreach (var (provider, line) in lines)
        {
            At(line.Day, provider, line.Model, line.CredentialId).Billed.Add(line);
        }

        var all = sides.Select(s => new Compared(new Place(s.Key.Day, s.Key.Provider, s.Value.Name, s.Key.Credential), s.Value.Ledger, s.Value.Billed, new Explanation(s.Value.Ledger, s.Value.Billed), s.Value.Sources))
            .OrderBy(c => c.Place.Provider, StringComparer.Ordinal).ThenBy(c => BilledModels.Key(c.Place.Model), StringComparer.Ordinal)
            .ThenBy(c => c.Place.Credential, StringComparer.Ordinal).ThenBy(c => c.Place.Day).ToList();
        for (var i = 1; i < all.Count; i++)
        {
            var (before, place) = (all[i - 1].Place, all[i].Place);
            if (before.Provider == place.Provider && before.Credential == place.Credential && place.Day - before.Day == UsageTime.Day && BilledModels.Key(before.Model) == BilledModels.Key(place.Model))
            {
                Explanation.Balance(all[i - 1].Explanation, all[i].Explanation);
            }
        }

        return [.. all.OrderBy(c => c.Place.Day)];

        Pair At(long day, string provider, string model, string credential)
        {
            var key = ModelKey(day, provider, model);
            var at = (day, provider, key, unattributed.Contains((day, provider, key)) ? "" : credential);
            if (!sides.TryGetValue(at, out var found))
            {
                sides[at] = found = new Pair(key.Length == 0 ? "" : model, new LedgerSide(), new BilledSide(), []);
            }

            return found;
        }

        string ModelKey(long day, string provider, string model) => model.Length == 0 || whole.Contains((day, provider)) ? "" : BilledModels.Key(model);
    }

    private sealed record Pair(string Name, LedgerSide Ledger, BilledSide Billed, List<Place> Sources);
}
