using System.Collections.Concurrent;

namespace Gateway.Governance.Snapshot;

/// <summary>What this instance knows of an edge.</summary>
public sealed record EdgeSeen
{
    /// <summary>The name the edge gives itself, or its address where it gives none.</summary>
    public required string Edge { get; init; }

    /// <summary>When it last called.</summary>
    public required DateTimeOffset LastContact { get; init; }

    /// <summary>Version of the last snapshot it was given by this instance; absent when it has not asked.</summary>
    public long? SnapshotVersion { get; init; }

    /// <summary>Usage records it has handed in to this instance, repeated ones included.</summary>
    public long UsageRecords { get; init; }

    /// <summary>Usage records that were refused and lie in the edge's journal folder, as it said with its last delivery; they are not in the ledger.</summary>
    public int RefusedRecords { get; init; }
}

/// <summary>The edges that have called this instance since it started; the ones longest silent are forgotten first.</summary>
internal sealed class EdgeRegistry(TimeProvider time)
{
    private const int Most = 1000;
    private readonly ConcurrentDictionary<string, EdgeSeen> _edges = new(StringComparer.Ordinal);

    public IReadOnlyList<EdgeSeen> All => [.. _edges.Values.OrderBy(e => e.Edge, StringComparer.Ordinal)];

    public void SawUsage(string edge, int records, int refused) => Saw(edge, e => e with { UsageRecords = e.UsageRecords + records, RefusedRecords = refused });

    public void SawPoll(string edge, long? version) => Saw(edge, e => e with { SnapshotVersion = version ?? e.SnapshotVersion });

    private void Saw(string edge, Func<EdgeSeen, EdgeSeen> update)
    {
        var now = time.GetUtcNow();
        _edges.AddOrUpdate(
            edge,
            name => update(new EdgeSeen { Edge = name, LastContact = now }),
            (_, known) => update(known) with { LastContact = now });
        if (_edges.Count > Most && _edges.Values.MinBy(e => e.LastContact) is { } oldest)
        {
            _edges.TryRemove(oldest.Edge, out _);
        }
    }
}
