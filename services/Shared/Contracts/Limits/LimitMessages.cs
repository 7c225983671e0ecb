namespace Gateway.Contracts.Limits;

/// <summary>
/// Body of <c>POST /internal/limits</c>: what an edge has and wants of shared rate limits. An empty list only says that the edge lives. A slice is what an edge may use
/// by itself; it is good for <see cref="LeaseMs"/> from when it was asked for.
/// </summary>
public sealed record LimitRequest
{
    /// <summary>For how long slices stand without being renewed, in milliseconds, by the clock of who grants them. An edge uses them for less.</summary>
    public const int LeaseMs = 5_000;

    /// <summary>The edge that asks, and which run of it: unique over all runs.</summary>
    public required string Edge { get; init; }

    /// <summary>The memory that the edge was last answered from; empty for none yet.</summary>
    public string Memory { get; set; } = "";

    /// <summary>At most 5,000.</summary>
    public required IReadOnlyList<LimitAsk> Limits { get; init; }
}

/// <summary>What an edge has and wants of one counter.</summary>
public sealed record LimitAsk
{
    /// <summary>The counter: the limit's id, and the values it is for.</summary>
    public required string Id { get; init; }

    /// <summary>How much in one window.</summary>
    public required long Amount { get; init; }

    /// <summary>Length of the window in microseconds; 0: the counter does not fill by time, it counts what is in use.</summary>
    public required long WindowMicros { get; init; }

    /// <summary>The most that may be taken at once.</summary>
    public required long Burst { get; init; }

    /// <summary>Grows with every question about this counter; one that is not higher than one answered before is passed over.</summary>
    public required long Sequence { get; init; }

    /// <summary>True until a question about this counter has been answered in this run: what was used before is to be counted then.</summary>
    public bool IsNew { get; set; }

    /// <summary>Used in all by this run, less what was given back after use; so that a question that was lost is made up for by the next.</summary>
    public long Used { get; set; }

    /// <summary>What the edge has of it: what it may still use, and what is in use where the counter counts that. Below 0: it has used more than it had.</summary>
    public long Held { get; set; }

    /// <summary>The part of <see cref="Held"/> that is free.</summary>
    public long Free { get; set; }

    /// <summary>What the edge would like to have free, by its traffic.</summary>
    public long Wanted { get; set; }

    /// <summary>What requests that wait for the answer lack, together. 0: none does.</summary>
    public long Needed { get; set; }

    /// <summary>What the smallest of them lacks; less is of no use.</summary>
    public long Least { get; set; }

    /// <summary>What must stay for requests of higher priority when <see cref="Needed"/> is granted.</summary>
    public long Floor { get; set; }
}

/// <summary>Answer to <c>POST /internal/limits</c>.</summary>
public sealed record LimitResponse
{
    /// <summary>The memory that answers. It is another one when what was known is lost.</summary>
    public required string Memory { get; init; }

    /// <summary>Edges that live, the asking one included.</summary>
    public required int Edges { get; init; }

    /// <summary>One for each counter asked about, in the same order.</summary>
    public required IReadOnlyList<LimitGrant> Limits { get; init; }
}

/// <summary>What an edge gets of one counter.</summary>
/// <param name="Granted">Added to what the edge has.</param>
/// <param name="Left">What is left for anybody afterwards; below 0 it is in debt.</param>
public sealed record LimitGrant(long Granted, long Left);
