using Gateway.ServiceDefaults.Rounds;

namespace Gateway.Governance.Bootstrap;

/// <summary>Work on the store that is done again and again, from when the store is open.</summary>
internal abstract class StoreRounds(StoreGate gate, TimeSpan interval, TimeProvider time, bool atOnce = false) : IntervalService(interval, time, atOnce)
{
    protected override Task BeforeAsync(CancellationToken cancellation) => gate.OpenedAsync(cancellation);
}
