using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.Governance.Exports;

/// <summary>How the sinks stand, and what is counted of them.</summary>
internal sealed class ExportState
{
    private readonly ConcurrentDictionary<string, (bool Full, long Waiting)> _sinks = new(StringComparer.Ordinal);
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _left;
    private readonly Counter<long> _failures;

    public ExportState(IMeterFactory meters)
    {
        var meter = meters.Create("Gateway.Governance");
        _delivered = meter.CreateCounter<long>("gateway.exports.delivered", "{record}", "Records that a sink took, by sink.");
        _left = meter.CreateCounter<long>("gateway.exports.left_out", "{record}", "Records that a sink will never get, by sink and why: its queue was full (queue), or it refused them (refused).");
        _failures = meter.CreateCounter<long>("gateway.exports.failures", "{delivery}", "Deliveries that failed and are tried again, by sink.");
        meter.CreateObservableGauge("gateway.exports.waiting", () => _sinks.Select(static s => new Measurement<long>(s.Value.Waiting, new KeyValuePair<string, object?>("sink", s.Key))), "{record}", "Records that wait for a sink, by sink.");
    }

    /// <summary>True while a sink's queue takes nothing more.</summary>
    public bool IsFull(string sink) => _sinks.TryGetValue(sink, out var known) && known.Full;

    /// <summary>Takes on how many records wait.</summary>
    public void Waiting(ExportSinkOptions sink, long waiting) => _sinks[sink.Name] = (waiting >= sink.MaxWaiting, waiting);

    public void Delivered(string sink, int records) => _delivered.Add(records, new KeyValuePair<string, object?>("sink", sink));

    public void LeftOut(string sink, string why, int records) => _left.Add(records, new("sink", sink), new KeyValuePair<string, object?>("why", why));

    public void Failed(string sink) => _failures.Add(1, new KeyValuePair<string, object?>("sink", sink));
}
