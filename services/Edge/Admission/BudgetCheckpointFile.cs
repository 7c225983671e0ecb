using System.Text.Json.Serialization;

namespace Gateway.Edge.Admission;

/// <summary>What budgets have spent up to a position of the journal. A persisted format: change <see cref="CurrentFormat"/> with it.</summary>
internal sealed record BudgetCheckpointFile
{
    public const int CurrentFormat = 2;

    public int Format { get; init; } = CurrentFormat;

    /// <summary>Journal segment that the sums reach into.</summary>
    public long Segment { get; init; }

    /// <summary>Offset in that segment up to which records are in the sums.</summary>
    public int Offset { get; init; }

    public IReadOnlyList<BudgetSum> Sums { get; init; } = [];
}

/// <summary>What was spent in one window, or in one part of a rolling one.</summary>
/// <param name="Budget">Name of the account; in format 1 the budget's id.</param>
/// <param name="WindowStart">Start of the window in format 1.</param>
/// <param name="NanoUsd">The sum.</param>
internal sealed record BudgetSum(string Budget, DateTime WindowStart, long NanoUsd)
{
    /// <summary>Start of the window or part, in microseconds since 1970-01-01 UTC.</summary>
    public long Start { get; init; }
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BudgetCheckpointFile))]
internal sealed partial class BudgetCheckpointJson : JsonSerializerContext;
