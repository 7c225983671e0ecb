using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Reconciliation;

/// <summary>What is kept of an import.</summary>
internal sealed record BillImport
{
    /// <summary>What to select for it.</summary>
    public const string Columns =
        """
        id, provider_id AS ProviderId, part, source, sha256, first_day AS FirstDay, past_day AS PastDay, lines, refused, skipped, nano_usd AS NanoUsd, actor, created_at AS CreatedAt
        """;

    public required string Id { get; init; }

    public required string ProviderId { get; init; }

    public required string Part { get; init; }

    public required string Source { get; init; }

    public required string Sha256 { get; init; }

    public long FirstDay { get; init; }

    public long PastDay { get; init; }

    public long Lines { get; init; }

    public long Refused { get; init; }

    public long Skipped { get; init; }

    public long NanoUsd { get; init; }

    public required string Actor { get; init; }

    public long CreatedAt { get; init; }
}

/// <summary>A line of a bill as the table takes it.</summary>
internal sealed record StoredLine(BillImport Import, int Number, BilledLine Line)
{
    public static BulkTable<StoredLine> Table { get; } = new(
        "billed_lines",
        ["id"],
        [
            BulkColumn<StoredLine>.Of("id", l => l.Id),
            BulkColumn<StoredLine>.Of("import_id", l => l.Import.Id),
            BulkColumn<StoredLine>.Of("provider_id", l => l.Import.ProviderId),
            BulkColumn<StoredLine>.Of("part", l => l.Import.Part),
            BulkColumn<StoredLine>.Of("day", l => l.Line.Day),
            BulkColumn<StoredLine>.Of("model", l => l.Line.Model),
            BulkColumn<StoredLine>.Of("item", l => l.Line.Item),
            BulkColumn<StoredLine>.Of("account", l => l.Line.Account),
            BulkColumn<StoredLine>.Of("credential_id", l => l.Line.CredentialId),
            BulkColumn<StoredLine>.Of("unit", l => (long)l.Line.Unit),
            BulkColumn<StoredLine>.Of("has_quantity", l => l.Line.Quantity is null ? 0 : 1),
            BulkColumn<StoredLine>.Of("quantity", l => l.Line.Quantity ?? 0),
            BulkColumn<StoredLine>.Of("nano_usd", l => l.Line.NanoUsd),
            BulkColumn<StoredLine>.Of("tolerance", l => l.Line.Tolerance),
        ],
        "NOTHING",
        l => l.Id);

    private string Id => $"{Import.Id}-{Number:x6}";
}

/// <summary>A stored line as it is read.</summary>
internal sealed class LineRow
{
    public const string Columns =
        """
        provider_id AS ProviderId, day, model, item, account, credential_id AS CredentialId, unit, has_quantity AS HasQuantity, quantity, nano_usd AS NanoUsd, tolerance
        """;

    public required string ProviderId { get; init; }

    public long Day { get; init; }

    public required string Model { get; init; }

    public required string Item { get; init; }

    public required string Account { get; init; }

    public required string CredentialId { get; init; }

    public int Unit { get; init; }

    public int HasQuantity { get; init; }

    public long Quantity { get; init; }

    public long NanoUsd { get; init; }

    public long Tolerance { get; init; }

    public BilledLine Line() => new()
    {
        Day = Day, Model = Model, Item = Item, Account = Account, CredentialId = CredentialId, Unit = (BilledUnit)Unit,
        Quantity = HasQuantity == 1 ? Quantity : null, NanoUsd = NanoUsd, Tolerance = Tolerance,
    };
}
