namespace Gateway.Contracts.Cache;

/// <summary>What the cache of one edge has done since its start, as it reports with its health.</summary>
public sealed record EdgeCacheReport
{
    /// <summary>Answers in its memory.</summary>
    public long Entries { get; set; }

    /// <summary>Bytes that they take.</summary>
    public long Bytes { get; set; }

    /// <summary>Answers that went for want of room.</summary>
    public long Evicted { get; set; }

    /// <summary>Requests answered with an answer to the same request.</summary>
    public long HitsExact { get; set; }

    /// <summary>Requests answered with an answer to a request of the same meaning.</summary>
    public long HitsSemantic { get; set; }

    /// <summary>Requests answered by the call of another one.</summary>
    public long Shared { get; set; }

    /// <summary>Requests that found nothing.</summary>
    public long Misses { get; set; }

    /// <summary>Requests that the cache was kept out of.</summary>
    public long Bypassed { get; set; }

    /// <summary>What the answers had cost that were given again, in nano-US-dollars.</summary>
    public long SavedNanoUsd { get; set; }
}
