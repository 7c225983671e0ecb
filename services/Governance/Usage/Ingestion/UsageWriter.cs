using System.Diagnostics.Metrics;
using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>The one writer of the ledger.</summary>
internal sealed class UsageWriter : SharedFlush<UsageBatch, UsageAck>
{
    /// <summary>Records in one transaction: few enough that a lease or a change of configuration never waits long behind it.</summary>
    private const int MostTogether = 2_000;

    private readonly UsageLedger _ledger;
    private readonly Counter<long> _stored;
    private readonly Counter<long> _duplicates;

    public UsageWriter(UsageLedger ledger, IMeterFactory meters)
        : base(mostWaiting: 64, MostTogether)
    {
        _ledger = ledger;
        var meter = meters.Create("Gateway.Governance");
        _stored = meter.CreateCounter<long>("gateway.usage.records.stored", "{record}", "Usage records written to the ledger.");
        _duplicates = meter.CreateCounter<long>("gateway.usage.records.duplicate", "{record}", "Usage records received again.");
    }

    /// <summary>Stores a batch; the result is there only after the commit.</summary>
    public Task<UsageAck> StoreAsync(UsageBatch batch, CancellationToken cancellation) => WaitAsync(batch, cancellation);

    protected override int SizeOf(UsageBatch ask) => ask.Records.Count;

    protected override async Task<IReadOnlyList<UsageAck>> AnswerAsync(IReadOnlyList<UsageBatch> asks)
    {
        var acks = await _ledger.StoreAsync(asks, CancellationToken.None).ConfigureAwait(false);
        foreach (var ack in acks)
        {
            _stored.Add(ack.Stored);
            _duplicates.Add(ack.Duplicates);
        }

        return acks;
    }
}
