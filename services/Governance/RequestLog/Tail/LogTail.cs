using System.Threading.Channels;
using Gateway.Contracts.Usage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.RequestLog.Tail;

/// <summary>
/// Tells those who watch of records as this instance stores them. Told before the commit: should it fail, the edge sends the records again, and a watcher sees one twice at worst.
/// </summary>
internal sealed class LogTail : IUsageCharge
{
    /// <summary>Watchers at once.</summary>
    public const int MostWatchers = 50;

    private const int MostWaiting = 1_000;

    private readonly Lock _changing = new();
    private Watcher[] _watchers = [];

    public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task ChargeAsync(DbSession session, IReadOnlyList<StoredUsage> records)
    {
        foreach (var watcher in Volatile.Read(ref _watchers))
        {
            foreach (var record in records)
            {
                watcher.Offer(record);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Begins to watch; null when there are too many already.</summary>
    public Watcher? Watch(UsageRecordFilter filter)
    {
        lock (_changing)
        {
            if (_watchers.Length >= MostWatchers)
            {
                return null;
            }

            var watcher = new Watcher(this, filter);
            _watchers = [.. _watchers, watcher];
            return watcher;
        }
    }

    private void Leave(Watcher watcher)
    {
        lock (_changing)
        {
            _watchers = [.. _watchers.Where(w => w != watcher)];
        }
    }

    /// <summary>One who watches. What comes faster than it is read is left out, and counted.</summary>
    public sealed class Watcher(LogTail tail, UsageRecordFilter filter) : IDisposable
    {
        private readonly Channel<StoredUsage> _waiting = Channel.CreateBounded<StoredUsage>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        private long _left;

        public ChannelReader<StoredUsage> Records => _waiting.Reader;

        /// <summary>Records left out since this was last asked.</summary>
        public long TakeLeft() => Interlocked.Exchange(ref _left, 0);

        public void Offer(StoredUsage record)
        {
            if (TailMatch.Passes(filter, record.Record) && !_waiting.Writer.TryWrite(record))
            {
                Interlocked.Increment(ref _left);
            }
        }

        public void Dispose() => tail.Leave(this);
    }
}

/// <summary>A filter of records, for one that is in memory.</summary>
internal static class TailMatch
{
    public static bool Passes(UsageRecordFilter f, UsageRecord r) =>
        Is(f.Key, r.KeyId) && Is(f.Model, r.Model) && Is(f.Team, r.TeamId) && Is(f.Customer, r.CustomerId) && Is(f.User, r.UserId) && Is(f.EndUser, r.EndUser)
        && Is(f.Session, r.SessionId) && Is(f.Trace, r.TraceId) && Is(f.Provider, r.ProviderId) && Is(f.Route, r.Route)
        && (f.Tag is null || r.Tags.Contains(f.Tag))
        && (f.Status is null || f.Status == r.Status) && (!f.Failed || r.Status >= 400)
        && !(r.CostNanoUsd < f.MinCostNanoUsd) && !(r.CostNanoUsd > f.MaxCostNanoUsd)
        && !(r.DurationMicros < f.MinDurationMicros) && !(r.DurationMicros > f.MaxDurationMicros);

    private static bool Is(string? wanted, string value) => wanted is null || wanted == value;
}
