using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Ingestion;

namespace Gateway.Governance.Exports;

/// <summary>
/// Puts every record that the ledger stores into the queues of the sinks, in the same transaction: a record is exported exactly when it is in the ledger. A queue that is full
/// takes nothing, and the ledger does not wait for it.
/// </summary>
internal sealed class ExportOutbox(IReadOnlyList<ExportSinkOptions> sinks, ExportState state) : IUsageCharge
{
    // Well inside the parameters that one statement may have.
    private const int MostRows = 2_000;

    public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task ChargeAsync(DbSession session, IReadOnlyList<StoredUsage> records)
    {
        if (sinks.Count == 0 || records.Count == 0)
        {
            return;
        }

        var bodies = records.Select(static r => (r.Record.Id, r.Record.StartedAtMicros, Body: ExportRow.BodyOf(r))).ToList();
        foreach (var sink in sinks)
        {
            if (state.IsFull(sink.Name))
            {
                state.LeftOut(sink.Name, "queue", records.Count);
                continue;
            }

            foreach (var some in bodies.Select(b => new ExportRow { Sink = sink.Name, Id = b.Id, At = b.StartedAtMicros, Body = b.Body }).Chunk(MostRows))
            {
                await session.BulkInsertAsync(ExportRow.Table, some).ConfigureAwait(false);
            }
        }
    }
}
