using Gateway.Governance.Reconciliation.Bills;

namespace Gateway.Governance.Reconciliation.Comparison;

/// <summary>
/// Explains the difference of one day, provider, model and credential. Everything is valued at what the provider billed for one unit, at the ledger's price where it billed none:
/// records at billed prices against their cost is the price's part, what is left of the quantities is the rest. The parts add up to the difference exactly.
/// </summary>
internal sealed class Explanation
{
    private static readonly BilledUnit[] Units = [.. Enum.GetValues<BilledUnit>().Where(u => u != BilledUnit.Other)];

    private const decimal MostUnitPrice = 1_000_000_000_000;
    private const decimal MostNanoUsd = 100_000_000_000_000_000;

    private readonly LedgerSide _ledger;
    private readonly BilledSide _billed;
    private readonly decimal?[] _prices = new decimal?[BilledUnits.Count];
    private readonly long[] _ofEstimated = new long[BilledUnits.Count];
    private readonly long[] _left = new long[BilledUnits.Count];
    private readonly long[] _atEdge = new long[BilledUnits.Count];

    public Explanation(LedgerSide ledger, BilledSide billed)
    {
        (_ledger, _billed) = (ledger, billed);
        foreach (var (part, whole) in BilledUnits.Folds)
        {
            if (billed.Quantities[(int)part] is null && billed.Quantities[(int)whole] is not null)
            {
                ledger.Fold(part, whole);
            }
        }

        foreach (var unit in Units)
        {
            var i = (int)unit;
            var quantity = billed.Quantities[i];
            _prices[i] = quantity > 0 ? (decimal)billed.Amounts[i] / quantity.Value : ledger.PerMillion[i] / 1_000_000m;
            var beyond = (quantity ?? 0) - ledger.Exact[i] - ledger.Unpriced[i];

            // An estimate may be off either way, but what is more than twice of it is something else.
            _ofEstimated[i] = Math.Clamp(beyond, 0, 2 * ledger.Estimated[i]);
            _left[i] = beyond - _ofEstimated[i];
        }
    }

    /// <summary>How much more was billed than recorded.</summary>
    public long NanoUsd => _billed.NanoUsd - _ledger.NanoUsd;

    private bool IsBilled => _billed.Lines > 0 && _billed.NanoUsd != 0;

    private bool IsRecorded => _ledger.Requests > 0;

    /// <summary>Quantities that one of two days has too many and the next too few are the same ones.</summary>
    public static void Balance(Explanation day, Explanation next)
    {
        foreach (var unit in Units)
        {
            var i = (int)unit;
            if ((day._left[i] > 0 && next._left[i] < 0) || (day._left[i] < 0 && next._left[i] > 0))
            {
                var moved = Math.Min(Math.Abs(day._left[i]), Math.Abs(next._left[i])) * Math.Sign(day._left[i]);
                day._prices[i] ??= next._prices[i];
                next._prices[i] ??= day._prices[i];
                day._left[i] -= moved;
                day._atEdge[i] += moved;
                next._left[i] += moved;
                next._atEdge[i] -= moved;
            }
        }
    }

    /// <summary>The parts; their sum is <see cref="NanoUsd"/>.</summary>
    public IReadOnlyList<Difference> Parts()
    {
        var parts = new List<Difference>();
        foreach (var unit in Units)
        {
            Add(parts, DifferenceClass.DayEdge, unit, _atEdge[(int)unit]);
        }

        if (IsBilled && IsRecorded)
        {
            if (_billed.HasQuantities)
            {
                ByQuantities(parts);
            }
            else
            {
                ByAmounts(parts, Rest(parts));
            }
        }
        else if (IsBilled)
        {
            Add(parts, DifferenceClass.NotThroughGateway, Rest(parts));
        }
        else
        {
            Add(parts, DifferenceClass.Estimated, -_ledger.EstimatedNanoUsd);
            Add(parts, DifferenceClass.NotBilled, Rest(parts));
        }

        return parts;
    }

    /// <summary>What a million of each unit cost by the bill and by the ledger, where both are known and differ by more than the bill's digits can say.</summary>
    public IReadOnlyList<(BilledUnit Unit, long Ledger, long Billed)> Prices()
    {
        var differing = new List<(BilledUnit, long, long)>();
        foreach (var unit in Units)
        {
            var i = (int)unit;
            if (_billed.Quantities[i] is > 0 and var quantity && _ledger.PerMillion[i] is { } known && decimal.Round(_prices[i]!.Value * 1_000_000m) is var billed and < MostNanoUsd and > -MostNanoUsd
                && Math.Abs(billed - known) * quantity / 1_000_000m > _billed.Tolerance + _ledger.Requests)
            {
                differing.Add((unit, known, (long)billed));
            }
        }

        return differing;
    }

    private void ByQuantities(List<Difference> parts)
    {
        var (exact, estimated, unpriced) = (0m, 0m, 0m);
        var isPriced = true;
        foreach (var unit in Units)
        {
            var i = (int)unit;
            isPriced &= _prices[i] is not null || (_ledger.Exact[i] == 0 && _ledger.Estimated[i] == 0);
            exact += Value(i, _ledger.Exact[i]);
            estimated += Value(i, _ofEstimated[i]);
            unpriced += Value(i, _ledger.Unpriced[i]);
        }

        var price = Round(exact) - _ledger.ExactNanoUsd;
        var isRounding = Math.Abs(price) <= _billed.Tolerance + _ledger.Requests;
        Add(parts, DifferenceClass.Estimated, Round(estimated) - _ledger.EstimatedNanoUsd);
        Add(parts, DifferenceClass.Unpriced, Round(unpriced));
        Lifetimes(parts);
        foreach (var unit in Units)
        {
            Add(parts, DifferenceClass.Quantity, unit, _left[(int)unit]);
        }

        Add(parts, DifferenceClass.OtherCharges, _billed.OtherNanoUsd);
        if (!isRounding)
        {
            Add(parts, isPriced ? DifferenceClass.Price : DifferenceClass.Unexplained, price);
        }

        Add(parts, DifferenceClass.Rounding, Rest(parts));
    }

    private void ByAmounts(List<Difference> parts, long rest)
    {
        if (Math.Abs(rest) > _billed.Tolerance + _ledger.Requests)
        {
            var estimated = Math.Clamp(rest, -_ledger.EstimatedNanoUsd, _ledger.EstimatedNanoUsd);
            Add(parts, DifferenceClass.Estimated, estimated);
            Add(parts, _ledger.UnpricedRequests > 0 && rest > estimated ? DifferenceClass.Unpriced : DifferenceClass.Unexplained, rest - estimated);
        }

        Add(parts, DifferenceClass.Rounding, Rest(parts));
    }

    private void Lifetimes(List<Difference> parts)
    {
        var (brief, hour) = ((int)BilledUnit.CacheWrite, (int)BilledUnit.CacheWriteHour);
        if (Math.Sign(_left[brief]) * Math.Sign(_left[hour]) < 0)
        {
            var moved = Math.Min(Math.Abs(_left[brief]), Math.Abs(_left[hour])) * Math.Sign(_left[hour]);
            parts.Add(new Difference(DifferenceClass.CacheLifetime, Round(Value(hour, moved) - Value(brief, moved)), BilledUnit.CacheWriteHour, moved));
            _left[brief] += moved;
            _left[hour] -= moved;
        }
    }

    private long Rest(List<Difference> parts) => NanoUsd - parts.Sum(p => p.NanoUsd);

    private decimal Value(int unit, long quantity) => Math.Clamp(_prices[unit] ?? 0, -MostUnitPrice, MostUnitPrice) * quantity;

    // Bounded, so that no bill can make the sums overflow; what is cut off is in the rest.
    private static long Round(decimal value) => decimal.ToInt64(decimal.Round(Math.Clamp(value, -MostNanoUsd, MostNanoUsd), MidpointRounding.AwayFromZero));

    private void Add(List<Difference> parts, DifferenceClass why, BilledUnit unit, long quantity)
    {
        if (quantity != 0)
        {
            parts.Add(new Difference(why, Round(Value((int)unit, quantity)), unit, quantity));
        }
    }

    private static void Add(List<Difference> parts, DifferenceClass why, long nanoUsd)
    {
        if (nanoUsd != 0)
        {
            parts.Add(new Difference(why, nanoUsd));
        }
    }
}
