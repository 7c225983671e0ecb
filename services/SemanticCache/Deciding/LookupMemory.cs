using Gateway.SemanticMatching.Learning;

namespace Gateway.SemanticCache.Deciding;

/// <summary>What a look-up found out and is needed again: its vector for storing, its candidate for evidence.</summary>
internal sealed record RememberedLookup
{
    public required string Partition { get; init; }

    public required string Domain { get; init; }

    public required string Text { get; init; }

    public float[]? Vector { get; init; }

    public bool Truncated { get; init; }

    /// <summary>The candidate; empty without one.</summary>
    public Guid Entry { get; init; }

    public double LogOdds { get; init; }

    public ObservationKind Kind { get; init; }
}

/// <summary>The latest look-ups by their ids, bounded in number and time.</summary>
internal sealed class LookupMemory(TimeProvider time, int capacity = 8192)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, RememberedLookup> _lookups = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Until)> _order = new();

    public string Remember(RememberedLookup lookup)
    {
        var id = Guid.NewGuid().ToString("N");
        var until = time.GetTimestamp() + (long)(Kept.TotalSeconds * time.TimestampFrequency);
        lock (_gate)
        {
            _lookups[id] = lookup;
            _order.Enqueue((id, until));
            while (_order.TryPeek(out var oldest) && (_order.Count > capacity || oldest.Until < time.GetTimestamp()))
            {
                _order.Dequeue();
                _lookups.Remove(oldest.Id);
            }
        }

        return id;
    }

    public RememberedLookup? Find(string? id)
    {
        lock (_gate)
        {
            return id is not null && _lookups.TryGetValue(id, out var lookup) ? lookup : null;
        }
    }

    /// <summary>Takes the evidence out: one look-up is one outcome, however often it is told.</summary>
    public void Spend(string id)
    {
        lock (_gate)
        {
            if (_lookups.TryGetValue(id, out var lookup))
            {
                _lookups[id] = lookup with { Entry = Guid.Empty };
            }
        }
    }

    /// <summary>Forgets all: texts that were deleted must not lie here.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _lookups.Clear();
            _order.Clear();
        }
    }
}
