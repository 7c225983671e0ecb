namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>What a provider billed on one day for one thing.</summary>
internal sealed record BilledLine
{
    /// <summary>First microsecond of the day in UTC.</summary>
    public required long Day { get; init; }

    /// <summary>Model as the bill names it, or as the import maps it; empty when the bill names none.</summary>
    public string Model { get; init; } = "";

    /// <summary>The billing item as the source names it.</summary>
    public string Item { get; init; } = "";

    /// <summary>API key, project, workspace or account as the source names it.</summary>
    public string Account { get; init; } = "";

    /// <summary>The credential that the account is; empty when that is not known.</summary>
    public string CredentialId { get; init; } = "";

    /// <summary>What it charges for.</summary>
    public BilledUnit Unit { get; init; }

    /// <summary>How much of it; null when the bill does not say.</summary>
    public long? Quantity { get; init; }

    /// <summary>The amount in nano-US-dollars.</summary>
    public required long NanoUsd { get; init; }

    /// <summary>How far the amount may be off because the bill writes it with few digits.</summary>
    public long Tolerance { get; init; }

    /// <summary>Lines of the same thing as one.</summary>
    public static IReadOnlyList<BilledLine> Merged(IEnumerable<BilledLine> lines) =>
    [
        .. lines.GroupBy(l => (l.Day, l.Model, l.Item, l.Account, l.CredentialId, l.Unit, HasQuantity: l.Quantity is not null))
            .Select(g => g.First() with { Quantity = g.Key.HasQuantity ? g.Sum(l => l.Quantity) : null, NanoUsd = g.Sum(l => l.NanoUsd), Tolerance = g.Sum(l => l.Tolerance) })
            .OrderBy(l => l.Day).ThenBy(l => l.Model, StringComparer.Ordinal).ThenBy(l => l.Item, StringComparer.Ordinal).ThenBy(l => l.Account, StringComparer.Ordinal).ThenBy(l => l.Unit),
    ];
}

/// <summary>A line that could not be read.</summary>
/// <param name="Line">Its number in the file, or the number of the result in a JSON document.</param>
/// <param name="Reason">Why.</param>
internal sealed record RefusedLine(int Line, string Reason);

/// <summary>What a bill says.</summary>
/// <param name="Lines">Its lines, those of the same thing as one.</param>
/// <param name="Refused">Lines that should be read and cannot be.</param>
/// <param name="Skipped">Lines about something other than models.</param>
internal sealed record Bill(IReadOnlyList<BilledLine> Lines, IReadOnlyList<RefusedLine> Refused, int Skipped);

/// <summary>The file as a whole is not of its source's form; the message says why.</summary>
internal sealed class BillException(string message) : Exception(message);

/// <summary>What the importer says about a bill besides its source.</summary>
internal sealed record BillOptions
{
    /// <summary>Columns of a CSV file by what they mean, where they are called otherwise than documented.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>The gateway's names of models by the bill's.</summary>
    public IReadOnlyDictionary<string, string> Models { get; init; } = new Dictionary<string, string>();

    /// <summary>Credentials by the bill's accounts.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>();
}
