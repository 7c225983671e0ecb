using Gateway.Contracts.Cache;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>What is in memory of one entry besides its vector: some 150 bytes. The rest is read from disk.</summary>
internal sealed class EntryRecord
{
    /// <summary>Memory of an entry besides its vector, with its places in the tables, as measured.</summary>
    public const int Bytes = 200;

    public required Guid Id { get; init; }

    public required SpaceIndex Space { get; init; }

    public required CacheEntryFacts Facts { get; init; }

    public required long StoredAt { get; init; }

    public required long GoneAt { get; init; }

    public required long CostNano { get; init; }

    /// <summary>Of the answer's id, see <see cref="EntryIds.AnswerNumber"/>.</summary>
    public required ulong Answer { get; init; }

    public SegmentFile Segment { get; set; } = null!;

    public long Offset { get; set; }

    public int Length { get; set; }

    /// <summary>Place in the space's index; -1 without a vector.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Place in the list of all entries.</summary>
    public int Place { get; set; }

    public int Hits { get; set; }

    public long LastUsed { get; set; }

    /// <summary>What keeping it is worth: hits and what they save, less the longer it was not used.</summary>
    public double Worth(long now)
        => (1 + Hits) * (1 + Math.Log2(1 + (CostNano / 1000.0))) / (60 + Math.Max(0, now - LastUsed));
}
