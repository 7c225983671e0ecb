using System.Collections.Concurrent;
using Gateway.Contracts.Limits;
using Gateway.Limits;

namespace Gateway.Governance.Limits;

/// <summary>
/// The counters that edges share where there is no Redis. In memory only: limits are about seconds, and edges tell what they hold when this instance starts anew. Where
/// several instances run, each knows its own edges only; then Redis is what shares.
/// </summary>
internal sealed class LimitTable(TimeProvider time)
{
    private const int MostCounters = 500_000;
    private const int MostEdges = 1_000;
    private const long LeaseMicros = LimitRequest.LeaseMs * 1_000L;
    private const long SweepMicros = 60_000_000;

    private readonly ConcurrentDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _edges = new(StringComparer.Ordinal);
    private readonly string _memory = Guid.CreateVersion7().ToString("N");
    private readonly long _born = Micros(time);
    private long _askedAt = long.MinValue / 2;
    private long _sweptAt = Micros(time);

    /// <summary>True while edges share through this instance.</summary>
    public bool IsAsked => Micros(time) - Volatile.Read(ref _askedAt) < SweepMicros;

    public LimitResponse Answer(LimitRequest request)
    {
        var now = Micros(time);
        Volatile.Write(ref _askedAt, now);
        var knewAnother = request.Memory.Length > 0 && request.Memory != _memory;
        var edges = Edges(request.Edge, now);
        Sweep(now);
        var grants = new LimitGrant[request.Limits.Count];
        for (var i = 0; i < grants.Length; i++)
        {
            grants[i] = Answer(request.Edge, request.Limits[i], edges, knewAnother, now);
        }

        return new LimitResponse { Memory = _memory, Edges = edges, Limits = grants };
    }

    private static long Micros(TimeProvider time) => (long)((Int128)time.GetTimestamp() * 1_000_000 / time.TimestampFrequency);

    private LimitGrant Answer(string edge, LimitAsk ask, int edges, bool knewAnother, long now)
    {
        while (true)
        {
            if (!_rows.TryGetValue(ask.Id, out var row))
            {
                if (_rows.Count >= MostCounters)
                {
                    // An edge that is granted nothing refuses; it may not be the other way round.
                    return new LimitGrant(0, 0);
                }

                row = _rows.GetOrAdd(ask.Id, static (_, s) => new Row(SharedCounter.Begin(s.ask, s.knewAnother, s.Age, s.now)), (ask, knewAnother, Age: now - _born, now));
            }

            lock (row)
            {
                if (!row.IsGone)
                {
                    row.FullAt = now + SharedCounter.FullAfterMicros(ask);
                    return row.Counter.Answer(edge, ask, edges, knewAnother, now - _born, now);
                }
            }
        }
    }

    private int Edges(string edge, long now)
    {
        if (_edges.Count < MostEdges || _edges.ContainsKey(edge))
        {
            _edges[edge] = now;
        }

        var living = 0;
        foreach (var (name, at) in _edges)
        {
            if (now - at > LeaseMicros)
            {
                _edges.TryRemove(KeyValuePair.Create(name, at));
            }
            else
            {
                living++;
            }
        }

        return Math.Max(1, living);
    }

    private void Sweep(long now)
    {
        var before = Volatile.Read(ref _sweptAt);
        if (now - before < SweepMicros || Interlocked.CompareExchange(ref _sweptAt, now, before) != before)
        {
            return;
        }

        foreach (var (id, row) in _rows)
        {
            lock (row)
            {
                if (row.FullAt < now)
                {
                    row.IsGone = true;
                    _rows.TryRemove(id, out _);
                }
            }
        }
    }

    private sealed class Row(SharedCounter counter)
    {
        public SharedCounter Counter { get; } = counter;

        /// <summary>When it will be as new if nobody asks any more.</summary>
        public long FullAt { get; set; }

        public bool IsGone { get; set; }
    }
}
