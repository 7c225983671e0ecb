using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Gateway.Contracts.Mcp;

namespace Gateway.McpHub.CallLog;

/// <summary>
/// Calls that wait to be written to disk, from where governance is told of them. Bounded: when it is full because the disk does not follow, what comes is left out and counted, and governance is told how many.
/// </summary>
internal sealed class CallBook
{
    /// <summary>Most calls that wait.</summary>
    public const int Most = 50_000;

    private readonly Channel<McpCallRecord> _waiting = Channel.CreateBounded<McpCallRecord>(new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly Counter<long> _calls;
    private readonly Counter<long> _leftOut;
    private readonly Histogram<double> _duration;
    private long _lost;

    public CallBook(IMeterFactory meters)
    {
        var meter = meters.Create("Gateway.McpHub");
        _calls = meter.CreateCounter<long>("gateway.mcp.calls", "{call}", "Calls of tools, by server and how they ended.");
        _duration = meter.CreateHistogram<double>("gateway.mcp.call.duration", "s", "Time of calls of tools, by server.");
        _leftOut = meter.CreateCounter<long>("gateway.mcp.calls.lost", "{call}", "Calls left out of the log because governance was away too long.");
    }

    /// <summary>Calls left out since the start.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>What waits.</summary>
    public ChannelReader<McpCallRecord> Waiting => _waiting.Reader;

    /// <summary>Takes a call.</summary>
    public void Add(McpCallRecord call)
    {
        var server = new KeyValuePair<string, object?>("server", call.ServerId);
        _calls.Add(1, server, new("outcome", call.Outcome.ToString()));
        _duration.Record(call.DurationMicros / 1e6, server);
        if (!_waiting.Writer.TryWrite(call))
        {
            LeftOut(1);
        }
    }

    /// <summary>Notes calls that there was no room for.</summary>
    public void LeftOut(int calls)
    {
        Interlocked.Add(ref _lost, calls);
        _leftOut.Add(calls);
    }
}
