using System.Text.Json.Serialization;

namespace Gateway.Edge.Admission;

/// <summary>What budgets have spent up to a position of the journal. A persisted format: change <see cref="CurrentFormat"/> with it.</summary>
internal sealed record BudgetCheckpointFile
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Journal segment that the sums reach into.</summary>
    public long Segment { get; init; }

    /// <summary>Offset in that segment up to which records are in the sums.</summary>
    public int Offset { get; init; }

    public IReadOnlyList<BudgetSum> Sums { get; init; } = [];
}

/// <summary>What a budget spent in one window.</summary>
internal sealed record BudgetSum(string Budget, DateTime WindowStart, long NanoUsd);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BudgetCheckpointFile))]
internal sealed partial class BudgetCheckpointJson : JsonSerializerContext;
