using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Reconciliation;

/// <summary>A bill that was imported.</summary>
public sealed record BillImportView
{
    /// <summary>Id of the import.</summary>
    public required string Id { get; init; }

    /// <summary>Provider that billed.</summary>
    public required string Provider { get; init; }

    /// <summary>Which of several bills of the provider; empty for the only one.</summary>
    public required string Part { get; init; }

    /// <summary>Form of the bill.</summary>
    public required string Source { get; init; }

    /// <summary>Hash of the file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>First day covered, in UTC.</summary>
    public required DateOnly From { get; init; }

    /// <summary>First day not covered any more.</summary>
    public required DateOnly To { get; init; }

    /// <summary>Lines stored, those of the same thing as one.</summary>
    public required long Lines { get; init; }

    /// <summary>Lines about something other than models, or outside the days.</summary>
    public required long Skipped { get; init; }

    /// <summary>Lines that could not be read and were left out.</summary>
    public required long Refused { get; init; }

    /// <summary>Sum of the amounts in nano-US-dollars.</summary>
    public required long NanoUsd { get; init; }

    /// <summary>Who imported it.</summary>
    public required string Actor { get; init; }

    /// <summary>When it was imported.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Why lines were left out; only in the answer to the import.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RefusedLineView>? RefusedLines { get; init; }
}

/// <summary>A line that could not be read.</summary>
/// <param name="Line">Its number.</param>
/// <param name="Reason">Why.</param>
public sealed record RefusedLineView(int Line, string Reason);

/// <summary>Imports, newest first.</summary>
public sealed record BillImportPage
{
    /// <summary>The imports.</summary>
    public required IReadOnlyList<BillImportView> Items { get; init; }

    /// <summary>Pass it as <c>after</c> for the next page; null at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>The ledger beside what was billed.</summary>
public sealed record ReconciliationReport
{
    /// <summary>First day, in UTC.</summary>
    public required DateOnly From { get; init; }

    /// <summary>First day after.</summary>
    public required DateOnly To { get; init; }

    /// <summary>Cost by the ledger of the days that bills cover.</summary>
    public required long LedgerNanoUsd { get; init; }

    /// <summary>What was billed.</summary>
    public required long BilledNanoUsd { get; init; }

    /// <summary>How much more was billed than recorded.</summary>
    public required long DifferenceNanoUsd { get; init; }

    /// <summary>The difference by class: how much more was billed because of it.</summary>
    public required IReadOnlyDictionary<string, long> Classes { get; init; }

    /// <summary>Day, provider, model and credential, one by one.</summary>
    public required IReadOnlyList<ReconciledPlace> Items { get; init; }

    /// <summary>True when there are more items than one answer holds; take fewer days or one provider.</summary>
    public bool Truncated { get; init; }

    /// <summary>Days with requests that no bill covers; they are in no sum.</summary>
    public required IReadOnlyList<DayWithoutBill> DaysWithoutBill { get; init; }
}

/// <summary>A provider's day that no bill covers.</summary>
/// <param name="Day">The day.</param>
/// <param name="Provider">The provider.</param>
/// <param name="LedgerNanoUsd">What its requests cost by the ledger.</param>
public sealed record DayWithoutBill(DateOnly Day, string Provider, long LedgerNanoUsd);

/// <summary>A day, provider, model and credential compared.</summary>
public sealed record ReconciledPlace
{
    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model; empty where the bill names none.</summary>
    public required string Model { get; init; }

    /// <summary>The credential; empty where the bill does not tell credentials apart.</summary>
    public required string Credential { get; init; }

    /// <summary>Requests recorded.</summary>
    public required long Requests { get; init; }

    /// <summary>Those of them whose usage is estimated.</summary>
    public required long EstimatedRequests { get; init; }

    /// <summary>Those of them that used tokens without a price.</summary>
    public required long UnpricedRequests { get; init; }

    /// <summary>Cost by the ledger.</summary>
    public required long LedgerNanoUsd { get; init; }

    /// <summary>What was billed.</summary>
    public required long BilledNanoUsd { get; init; }

    /// <summary>How much more was billed than recorded.</summary>
    public required long DifferenceNanoUsd { get; init; }

    /// <summary>The parts of the difference; their sum is the difference.</summary>
    public required IReadOnlyList<DifferencePart> Parts { get; init; }

    /// <summary>Prices of the bill that are not those of the ledger: what a price override would have to say.</summary>
    public required IReadOnlyList<DifferingPrice> Prices { get; init; }
}

/// <summary>A part of a difference.</summary>
/// <param name="Class">Why it differs.</param>
/// <param name="NanoUsd">How much more was billed because of it.</param>
/// <param name="Unit">Of which tokens or units; null where that does not matter.</param>
/// <param name="Quantity">How many more of them were billed.</param>
public sealed record DifferencePart(string Class, long NanoUsd, string? Unit, long Quantity);

/// <summary>A unit that is billed at another price than the ledger's.</summary>
/// <param name="Unit">Tokens or units of which class.</param>
/// <param name="LedgerPerMillion">Nano-US-dollars for a million by the ledger.</param>
/// <param name="BilledPerMillion">Nano-US-dollars for a million by the bill.</param>
public sealed record DifferingPrice(string Unit, long LedgerPerMillion, long BilledPerMillion);

/// <summary>Which differences to take over into the ledger.</summary>
public sealed record AdjustRequest
{
    /// <summary>First day, in UTC.</summary>
    public required DateOnly From { get; init; }

    /// <summary>First day after.</summary>
    public required DateOnly To { get; init; }

    /// <summary>The provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Classes: <c>estimated</c>, <c>unpriced</c>, <c>price</c>.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public required string Reason { get; init; }
}

/// <summary>What was taken over.</summary>
public sealed record AdjustResult
{
    /// <summary>Records whose cost was corrected.</summary>
    public required int Records { get; init; }

    /// <summary>By how much in all, in nano-US-dollars.</summary>
    public required long NanoUsd { get; init; }

    /// <summary>The same by class.</summary>
    public required IReadOnlyDictionary<string, long> Classes { get; init; }
}

/// <summary>Serializers of reconciliation.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BillImportView))]
[JsonSerializable(typeof(BillImportPage))]
[JsonSerializable(typeof(ReconciliationReport))]
[JsonSerializable(typeof(AdjustResult))]
internal sealed partial class ReconciliationJson : JsonSerializerContext;
