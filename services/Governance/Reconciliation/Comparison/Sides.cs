using Gateway.Governance.Reconciliation.Bills;

namespace Gateway.Governance.Reconciliation.Comparison;

/// <summary>What the ledger has of one day, provider, model and credential. Quantities are by the number of their unit.</summary>
internal sealed record LedgerSide
{
    /// <summary>Cost of records whose usage the provider reported.</summary>
    public long ExactNanoUsd { get; set; }

    /// <summary>Cost of records whose usage is estimated.</summary>
    public long EstimatedNanoUsd { get; set; }

    public long Requests { get; set; }

    public long EstimatedRequests { get; set; }

    public long UnpricedRequests { get; set; }

    public long[] Exact { get; } = new long[BilledUnits.Count];

    public long[] Estimated { get; } = new long[BilledUnits.Count];

    public long[] Unpriced { get; } = new long[BilledUnits.Count];

    /// <summary>Nano-dollars for a million of each unit, by the price that most of the records had; null where that is not known.</summary>
    public long?[] PerMillion { get; } = new long?[BilledUnits.Count];

    public long NanoUsd => ExactNanoUsd + EstimatedNanoUsd;

    /// <summary>Adds the other side's records.</summary>
    public void Add(LedgerSide other)
    {
        ExactNanoUsd += other.ExactNanoUsd;
        EstimatedNanoUsd += other.EstimatedNanoUsd;
        Requests += other.Requests;
        EstimatedRequests += other.EstimatedRequests;
        UnpricedRequests += other.UnpricedRequests;
        for (var i = 0; i < BilledUnits.Count; i++)
        {
            Exact[i] += other.Exact[i];
            Estimated[i] += other.Estimated[i];
            Unpriced[i] += other.Unpriced[i];
            PerMillion[i] ??= other.PerMillion[i];
        }
    }

    /// <summary>Moves a unit's quantities into another's.</summary>
    public void Fold(BilledUnit part, BilledUnit whole)
    {
        foreach (var quantities in (ReadOnlySpan<long[]>)[Exact, Estimated, Unpriced])
        {
            quantities[(int)whole] += quantities[(int)part];
            quantities[(int)part] = 0;
        }
    }
}

/// <summary>What was billed for one day, provider, model and credential.</summary>
internal sealed record BilledSide
{
    public long NanoUsd { get; set; }

    /// <summary>Amounts of lines without a quantity.</summary>
    public long OtherNanoUsd { get; set; }

    /// <summary>How far the amounts may be off because of the bill's digits.</summary>
    public long Tolerance { get; set; }

    public int Lines { get; set; }

    /// <summary>True when a line says how much of something was used.</summary>
    public bool HasQuantities => Quantities.Any(q => q is not null);

    public long?[] Quantities { get; } = new long?[BilledUnits.Count];

    public long[] Amounts { get; } = new long[BilledUnits.Count];

    public void Add(BilledLine line)
    {
        NanoUsd += line.NanoUsd;
        Tolerance += line.Tolerance;
        Lines++;
        if (line.Quantity is { } quantity && line.Unit != BilledUnit.Other)
        {
            Quantities[(int)line.Unit] = (Quantities[(int)line.Unit] ?? 0) + quantity;
            Amounts[(int)line.Unit] += line.NanoUsd;
        }
        else
        {
            OtherNanoUsd += line.NanoUsd;
        }
    }
}
