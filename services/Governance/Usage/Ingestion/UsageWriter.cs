using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Gateway.Contracts.Usage;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>The one writer of the ledger: batches that wait are committed together, so that they share one flush to disk.</summary>
internal sealed class UsageWriter : BackgroundService
{
    /// <summary>Records in one transaction: few enough that a lease or a change of configuration never waits long behind it.</summary>
    private const int MostTogether = 2_000;

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(64) { SingleReader = true });
    private readonly UsageLedger _ledger;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _duplicates;

    public UsageWriter(UsageLedger ledger, IMeterFactory meters)
    {
        _ledger = ledger;
        var meter = meters.Create("Gateway.Governance");
        _stored = meter.CreateCounter<long>("gateway.usage.records.stored", "{record}", "Usage records written to the ledger.");
        _duplicates = meter.CreateCounter<long>("gateway.usage.records.duplicate", "{record}", "Usage records received again.");
    }

    /// <summary>Stores a batch; the result is there only after the commit.</summary>
    public async Task<UsageAck> StoreAsync(UsageBatch batch, CancellationToken cancellation)
    {
        var waiting = new Waiting(batch, new TaskCompletionSource<UsageAck>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _queue.Writer.WriteAsync(waiting, cancellation).ConfigureAwait(false);
        return await waiting.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        while (_queue.Reader.TryRead(out var waiting))
        {
            waiting.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var together = new List<Waiting>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            together.Clear();
            for (var records = 0; records < MostTogether && _queue.Reader.TryRead(out var next); records += next.Batch.Records.Count)
            {
                together.Add(next);
            }

            await CommitAsync(together).ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(List<Waiting> together)
    {
        try
        {
            // Not cancelled at shutdown: a commit under way is cheaper to finish than to have sent again.
            var acks = await _ledger.StoreAsync([.. together.Select(w => w.Batch)], CancellationToken.None).ConfigureAwait(false);
            for (var i = 0; i < together.Count; i++)
            {
                _stored.Add(acks[i].Stored);
                _duplicates.Add(acks[i].Duplicates);
                together[i].Done.TrySetResult(acks[i]);
            }
        }
        catch (Exception fault)
        {
            // The writer outlives any fault of the store: nothing was acknowledged, so the edges send it all again.
            together.ForEach(w => w.Done.TrySetException(fault));
        }
    }

    private sealed record Waiting(UsageBatch Batch, TaskCompletionSource<UsageAck> Done);
}
