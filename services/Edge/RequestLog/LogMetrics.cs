using System.Diagnostics.Metrics;

namespace Gateway.Edge.RequestLog;

/// <summary>What the request log counts: above all what it leaves out.</summary>
internal sealed class LogMetrics : IDisposable
{
    private readonly Meter _meter = new("Gateway.Edge");
    private readonly Counter<long> _written;
    private readonly Counter<long> _thinned;
    private long _left;

    public LogMetrics()
    {
        _written = _meter.CreateCounter<long>("gateway.edge.request_log.written", "{entry}", "Entries of the request log that were written.");
        _thinned = _meter.CreateCounter<long>(
            "gateway.edge.request_log.thinned", "{item}", "Entries (what=entry) and bodies (what=body) that the request log left out, by why: queue, memory, spool, disk, refused, unreadable, redaction.");
    }

    /// <summary>Entries and bodies left out since the start.</summary>
    public long Thinned => Volatile.Read(ref _left);

    public void Wrote(int entries) => _written.Add(entries);

    public void Left(string what, string why, long count = 1)
    {
        Interlocked.Add(ref _left, count);
        _thinned.Add(count, new("what", what), new KeyValuePair<string, object?>("why", why));
    }

    public void Dispose() => _meter.Dispose();
}
