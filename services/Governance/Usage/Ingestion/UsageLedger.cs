using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>The ledger: raw records, each once, their aggregates, and what they are charged to, always written together.</summary>
internal sealed class UsageLedger(Database database, UsagePartitions partitions, AggregateNames names, UsageSources sources, IEnumerable<IUsageCharge> charges)
{
    private const int Attempts = 3;

    /// <summary>Stores what is new of several batches in one transaction. Durable when it returns.</summary>
    /// <returns>For each batch how many of its records were new.</returns>
    public async Task<IReadOnlyList<UsageAck>> StoreAsync(IReadOnlyList<UsageBatch> batches, CancellationToken cancellation)
    {
        foreach (var charge in charges)
        {
            await charge.PrepareAsync(cancellation).ConfigureAwait(false);
        }

        for (var attempt = 1; ; attempt++)
        {
            await partitions.EnsureAsync(batches.SelectMany(b => b.Records).Select(r => UsageMonth.Of(r.StartedAtMicros)), cancellation).ConfigureAwait(false);
            if (await database.WriteAsync(session => StoreAsync(session, batches), cancellation).ConfigureAwait(false) is { } acks)
            {
                return acks;
            }

            // Another instance dropped a month in between.
            partitions.Forget();
            if (attempt == Attempts)
            {
                throw new InvalidOperationException("The tables of these records' months cannot be kept in place.");
            }
        }
    }

    private async Task<IReadOnlyList<UsageAck>?> StoreAsync(DbSession session, IReadOnlyList<UsageBatch> batches)
    {
        var months = batches.SelectMany(b => b.Records).Select(r => UsageMonth.Of(r.StartedAtMicros)).Distinct().Order().ToList();
        if (months.Count > 0 && !await UsagePartitions.HoldAsync(session, months).ConfigureAwait(false))
        {
            session.Abandon();
            return null;
        }

        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        var candidates = new List<StoredUsage>();
        var takenUpTo = new long?[batches.Count];
        foreach (var i in Enumerable.Range(0, batches.Count).OrderBy(i => batches[i].Summed?.Writer ?? (batches[i].Records.Count == 0 ? "" : batches[i].Records[0].Id), StringComparer.Ordinal))
        {
            var batch = batches[i];
            var isSummed = batch.Summed is not null;
            if (batch.Summed is { } span && await sources.TakeAsync(session, span).ConfigureAwait(false) is { } upTo)
            {
                takenUpTo[i] = upTo;
                continue;
            }

            foreach (var record in isSummed ? batch.Records : await sources.UntakenAsync(session, batch.Records).ConfigureAwait(false))
            {
                if (first.TryAdd(record.Id, i))
                {
                    candidates.Add(new StoredUsage(batch.EdgeId, record));
                }
            }
        }

        var stored = new int[batches.Count];
        foreach (var row in await InsertAsync(session, candidates).ConfigureAwait(false))
        {
            stored[first[row.Record.Id]]++;
        }

        return
        [
            .. batches.Select((b, i) => new UsageAck
            {
                Stored = stored[i],
                Duplicates = takenUpTo[i] is null ? b.Records.Count - stored[i] : 0,
                TakesSums = true,
                TakenUpTo = takenUpTo[i],
            }),
        ];
    }

    private async Task<IReadOnlyList<StoredUsage>> InsertAsync(DbSession session, List<StoredUsage> candidates)
    {
        if (candidates.Count == 0)
        {
            return [];
        }

        // All writers insert in the order of the ids, so that two that hold the same records wait in line and not in a circle.
        candidates.Sort((a, b) => string.CompareOrdinal(a.Record.Id, b.Record.Id));
        await LeaveOutKnownBatchesAsync(session, candidates).ConfigureAwait(false);
        var rows = new List<StoredUsage>(candidates.Count);
        foreach (var month in candidates.GroupBy(c => UsageMonth.Of(c.Record.StartedAtMicros)).OrderBy(g => g.Key))
        {
            rows.AddRange(await session.BulkInsertAsync(StoredUsage.Table with { Name = month.Key.Table }, [.. month]).ConfigureAwait(false));
        }

        if (rows.Count == 0)
        {
            return rows;
        }

        await names.PrepareAsync(session, rows.Select(r => r.Record)).ConfigureAwait(false);
        var sums = new AggregateBatch();
        rows.ForEach(r => sums.Add(r.Record, names));
        await sums.WriteAsync(session).ConfigureAwait(false);
        foreach (var charge in charges)
        {
            await charge.ChargeAsync(session, rows).ConfigureAwait(false);
        }

        return rows;
    }

    // A provider's batch is recorded by each edge that sees it, with one id but at its own time, which may lie in another month.
    private static async Task LeaveOutKnownBatchesAsync(DbSession session, List<StoredUsage> candidates)
    {
        var batches = candidates.Where(c => c.Record.Operation == Operation.Batch).Select(c => c.Record.Id).ToList();
        if (batches.Count == 0)
        {
            return;
        }

        foreach (var month in await UsagePartitions.ListAsync(session).ConfigureAwait(false))
        {
            var known = await session.QueryAsync<string>(
                $"SELECT id FROM {month.Table} WHERE id IN ({string.Join(", ", batches.Select(id => $"'{id}'"))})").ConfigureAwait(false);
            candidates.RemoveAll(c => known.Contains(c.Record.Id));
        }
    }
}
