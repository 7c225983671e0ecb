using System.Threading.Channels;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Caching.Memory;

namespace Gateway.Edge.Caching.Purges;

/// <summary>
/// The purges in force. An answer tells the version of the configuration that its request came under; a purge concerns all of earlier versions that it fits. So an answer that was
/// under way when the purge came, or that an edge stored which had not heard of it yet, is purged too, without any clock.
/// </summary>
internal sealed class PurgeBook(MemoryStore memory, TimeProvider time)
{
    private static readonly TimeSpan _madeByOthers = TimeSpan.FromHours(1);

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Channel<PurgeOrder> _news = Channel.CreateBounded<PurgeOrder>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });
    private CachePurgeEntry[] _purges = [];
    private long _latest;
    private long _version;

    /// <summary>Purges that are still to be made outside this edge's memory.</summary>
    public ChannelReader<PurgeOrder> News => _news.Reader;

    /// <summary>True for an answer that must not be given any more.</summary>
    public bool Concerns(StoredAnswer answer)
    {
        if (answer.Version >= Volatile.Read(ref _latest))
        {
            return false;
        }

        foreach (var purge in Volatile.Read(ref _purges))
        {
            if (answer.Version < purge.Version && Fits(purge, answer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the purges of a configuration into force, and its bound of the memory. Called by one at a time.</summary>
    public void Follow(GatewaySnapshot snapshot)
    {
        if (snapshot.Version < _version)
        {
            // Another store, whose versions say nothing of the answers that are here.
            memory.RemoveAll(static _ => true);
        }

        var isFirst = _version == 0;
        _version = snapshot.Version;
        var news = snapshot.CachePurges.Where(p => !_known.Contains(p.Id)).ToList();
        _known.Clear();
        _known.UnionWith(snapshot.CachePurges.Select(static p => p.Id));
        Volatile.Write(ref _purges, [.. snapshot.CachePurges]);
        Volatile.Write(ref _latest, snapshot.CachePurges.Count == 0 ? 0 : snapshot.CachePurges.Max(static p => p.Version));
        if (news.Count > 0)
        {
            memory.RemoveAll(Concerns);
        }

        memory.Fit(snapshot.Settings.CacheStorage.MemoryBytes);
        // Until this moment an answer of an earlier version may have been stored; who stores one later sees the purge and takes it back. A millisecond more, as Redis knows no less.
        var now = time.GetUtcNow();
        var until = now + TimeSpan.FromMilliseconds(1);
        // What came long before this edge started, others have made, or nothing is left of it but what is never given.
        foreach (var purge in news.Where(p => !isFirst || p.At is not { } at || at > now - _madeByOthers))
        {
            var stored = isFirst && purge.At is { } made ? made : until;
            _news.Writer.TryWrite(new PurgeOrder(purge, purge.Before is { } before && before < stored ? before : stored));
        }
    }

    private static bool Fits(CachePurgeEntry purge, StoredAnswer answer) =>
        (purge.Key is null || purge.Key == answer.Key.ToString())
        && (purge.Scope is null || purge.Scope == answer.Scope)
        && (purge.Route is null || purge.Route == answer.Route)
        && (purge.Model is null || purge.Model == answer.Model)
        && (purge.Tag is null || answer.Tags.Contains(purge.Tag))
        && (purge.Before is null || answer.StoredAt < purge.Before);
}
