using Gateway.Contracts.Usage;
using Gateway.Governance.Reconciliation.Comparison;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Reconciliation;

/// <summary>The classes whose differences belong to records, and how they are shared among them.</summary>
internal static class AdjustableRecords
{
    /// <summary>Which records a class's difference belongs to.</summary>
    public static IReadOnlyDictionary<DifferenceClass, string> Conditions { get; } = new Dictionary<DifferenceClass, string>
    {
        [DifferenceClass.Estimated] = $"estimated = 1 AND NOT ({Unpriced})",
        [DifferenceClass.Unpriced] = Unpriced,
        [DifferenceClass.Price] = $"estimated = 0 AND NOT ({Unpriced})",
    };

    private const string Unpriced = "price_version = '' AND cost = 0";

    /// <summary>New costs of records, so that together they cost as much more, in proportion to what they cost, or to their tokens where they cost nothing.</summary>
    public static IEnumerable<(UsageRecord Record, long CostNanoUsd)> Share(IReadOnlyList<UsageRecord> records, long nanoUsd)
    {
        var byCost = records.Any(r => Weight(r, byCost: true) > 0);
        var total = records.Sum(r => Weight(r, byCost));
        var (weight, given) = (0m, 0L);
        foreach (var record in total > 0 ? records : [])
        {
            weight += Weight(record, byCost);
            var due = decimal.ToInt64(decimal.Round(nanoUsd * (weight / total), MidpointRounding.AwayFromZero));
            if (due != given)
            {
                yield return (record, record.CostNanoUsd + due - given);
            }

            given = due;
        }

    }

    // What a batch was charged beforehand is given back whole with its bill: it must stay as it is.
    private static decimal Weight(UsageRecord record, bool byCost) =>
        record.Operation == Operation.Batch && UsageSums.Tokens(record.Tokens) == 0 ? 0
            : byCost ? Math.Max(0, record.CostNanoUsd)
            : UsageSums.Tokens(record.Tokens);

    /// <summary>The record as the aggregates need it.</summary>
    public static UsageRecord Of(UsageRecordRow row) => new()
    {
        Id = row.Id,
        StartedAtMicros = row.StartedAt,
        DurationMicros = row.Duration,
        FirstByteMicros = row.FirstByte,
        KeyId = row.KeyId,
        TeamId = row.Team,
        UserId = row.UserId,
        CustomerId = row.Customer,
        Tags = Items(row.Tags),
        Budgets = Items(row.Budgets),
        Operation = (Operation)row.Operation,
        Model = row.Model,
        Route = row.Route,
        DeploymentId = row.Deployment,
        ProviderId = row.Provider,
        CredentialId = row.Credential,
        Status = row.Status,
        Outcome = (RequestOutcome)row.Outcome,
        Tokens = new TokenUsage
        {
            Input = row.Input, CacheRead = row.CacheRead, CacheWrite = row.CacheWrite, CacheWriteHour = row.CacheWriteHour, Output = row.Output, Reasoning = row.Reasoning,
            AudioInput = row.AudioInput, AudioCacheRead = row.AudioCacheRead, AudioOutput = row.AudioOutput,
            ImageInput = row.ImageInput, ImageCacheRead = row.ImageCacheRead, ImageOutput = row.ImageOutput,
        },
        Count = (int)row.RequestCount,
        Estimated = row.Estimated == 1,
        CostNanoUsd = row.Cost,
        PriceVersion = row.PriceVersion,
    };

    private static string[] Items(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
