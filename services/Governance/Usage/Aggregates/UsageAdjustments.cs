using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Aggregates;

/// <summary>A record whose price was corrected.</summary>
/// <param name="Record">The record as it is stored.</param>
/// <param name="CostNanoUsd">What it cost by the corrected price.</param>
/// <param name="PriceVersion">The corrected price's version.</param>
internal sealed record UsageAdjustment(UsageRecord Record, long CostNanoUsd, string PriceVersion);

/// <summary>Corrects costs after the fact: in the records and in every aggregate, within the caller's transaction. Tokens are never touched.</summary>
internal sealed class UsageAdjustments(AggregateNames names)
{
    /// <summary>Applies corrections to records whose stored cost and price version are still those of <see cref="UsageAdjustment.Record"/>; others are left as they are.</summary>
    /// <returns>The corrections that were applied.</returns>
    public async Task<IReadOnlyList<UsageAdjustment>> ApplyAsync(DbSession session, IReadOnlyList<UsageAdjustment> differences)
    {
        var months = await UsagePartitions.ListAsync(session).ConfigureAwait(false);
        var applied = new List<UsageAdjustment>(differences.Count);
        foreach (var difference in differences.OrderBy(d => d.Record.Id, StringComparer.Ordinal))
        {
            var record = difference.Record;
            var month = UsageMonth.Of(record.StartedAtMicros);
            if (!months.Contains(month))
            {
                continue;
            }

            var changed = await session.ExecuteAsync(
                $"UPDATE {month.Table} SET cost = @CostNanoUsd, price_version = @PriceVersion WHERE id = @Id AND cost = @before AND price_version = @version",
                new { difference.CostNanoUsd, PriceVersion = UsageText.Clean(difference.PriceVersion), record.Id, before = record.CostNanoUsd, version = UsageText.Clean(record.PriceVersion) }).ConfigureAwait(false);
            if (changed == 1)
            {
                applied.Add(difference);
            }
        }

        if (applied.Count == 0)
        {
            return applied;
        }

        await names.PrepareAsync(session, applied.Select(a => a.Record)).ConfigureAwait(false);
        var sums = new AggregateBatch();
        foreach (var (record, cost, version) in applied)
        {
            var after = record with { PriceVersion = version };
            sums.Adjust(record, cost - record.CostNanoUsd, UsageSums.UnpricedOf(after) - UsageSums.UnpricedOf(record), names);
        }

        await sums.WriteAsync(session).ConfigureAwait(false);
        return applied;
    }
}
