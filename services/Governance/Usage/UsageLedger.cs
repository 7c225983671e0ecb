using Gateway.Contracts.Usage;
using Gateway.Governance.Ledger;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage;

/// <summary>The ledger: raw records, each once, their hourly totals and what they charge to budgets, always written together.</summary>
internal sealed class UsageLedger(Database database, BudgetCharges charges)
{
    /// <summary>Stores what is new of several batches in one transaction. Durable when it returns.</summary>
    /// <returns>For each batch how many of its records were new.</returns>
    public async Task<IReadOnlyList<UsageAck>> StoreAsync(IReadOnlyList<UsageBatch> batches, CancellationToken cancellation)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        var candidates = new List<StoredUsage>();
        for (var i = 0; i < batches.Count; i++)
        {
            foreach (var record in batches[i].Records)
            {
                if (first.TryAdd(record.Id, i))
                {
                    candidates.Add(new StoredUsage(batches[i].EdgeId, record));
                }
            }
        }

        // All writers insert in the order of the ids, so that two that hold the same records wait in line and not in a circle.
        candidates.Sort((a, b) => string.CompareOrdinal(a.Record.Id, b.Record.Id));
        var stored = new int[batches.Count];
        if (candidates.Count > 0)
        {
            await charges.PrepareAsync(cancellation).ConfigureAwait(false);
            var inserted = await database.WriteAsync(
                async session =>
                {
                    var rows = await session.BulkInsertAsync(StoredUsage.Table, candidates).ConfigureAwait(false);
                    await session.BulkInsertAsync(HourlyUsage.Table, HourlyUsage.Sum(rows)).ConfigureAwait(false);
                    await charges.ChargeAsync(session, rows).ConfigureAwait(false);
                    return rows;
                },
                cancellation).ConfigureAwait(false);
            foreach (var row in inserted)
            {
                stored[first[row.Record.Id]]++;
            }
        }

        return [.. batches.Select((b, i) => new UsageAck { Stored = stored[i], Duplicates = b.Records.Count - stored[i] })];
    }
}
