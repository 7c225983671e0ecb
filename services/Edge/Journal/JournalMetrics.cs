using System.Diagnostics.Metrics;

namespace Gateway.Edge.Journal;

/// <summary>Metrics of the journal, on the meter <c>Gateway.Edge</c>.</summary>
internal sealed class JournalMetrics : IDisposable
{
    private readonly Meter _meter = new("Gateway.Edge");
    private readonly Counter<long> _torn;
    private readonly Counter<long> _damaged;
    private readonly Counter<long> _unreadable;

    /// <summary>Observes a journal.</summary>
    public JournalMetrics(UsageJournal journal)
    {
        Refused = _meter.CreateCounter<long>("gateway.edge.journal.refused", "{record}", "Appends refused for want of room on the disk");
        _torn = _meter.CreateCounter<long>("gateway.edge.journal.torn", "{record}", "Records found begun and never published after a crash");
        _damaged = _meter.CreateCounter<long>("gateway.edge.journal.damaged", "{stretch}", "Damaged stretches stepped over");
        _unreadable = _meter.CreateCounter<long>("gateway.edge.journal.unreadable", "{segment}", "Segments that could not be read");
        _ = _meter.CreateObservableCounter("gateway.edge.journal.appended", () => journal.Appended, "{record}", "Records appended");
        _ = _meter.CreateObservableGauge("gateway.edge.journal.backlog", () => journal.BacklogRecords, "{record}", "Records not yet acknowledged");
        _ = _meter.CreateObservableGauge("gateway.edge.journal.size", () => journal.Bytes, "By", "Bytes of all segments");
    }

    /// <summary>Appends refused.</summary>
    public Counter<long> Refused { get; }

    /// <summary>Counts what recovery found.</summary>
    public void Recovered(JournalRecovery recovery)
    {
        _torn.Add(recovery.Torn);
        _damaged.Add(recovery.Damaged);
        _unreadable.Add(recovery.Unreadable);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
