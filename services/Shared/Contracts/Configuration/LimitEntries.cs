namespace Gateway.Contracts.Configuration;

/// <summary>
/// A rate limit over the requests that its <see cref="Scope"/> selects: a token bucket that fills at <see cref="Amount"/> in <see cref="WindowSeconds"/> and holds
/// <see cref="Burst"/>. Several may stand over a request; all of them must have room for it, or nothing is taken from any.
/// </summary>
public sealed record LimitEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name. Callers who are refused are told it.</summary>
    public required string Name { get; init; }

    /// <summary>What is limited. Default <see cref="LimitMetric.Requests"/>.</summary>
    public LimitMetric Metric { get; set; } = LimitMetric.Requests;

    /// <summary>How much in one window; with <see cref="LimitMetric.ConcurrentRequests"/> how many at the same time. 1 to 1,000,000,000,000.</summary>
    public required long Amount { get; init; }

    /// <summary>Length of the window in seconds, over which the amount is spread evenly. 1 to 86,400; default 60. Without meaning for concurrent requests.</summary>
    public int WindowSeconds { get; set; } = 60;

    /// <summary>How much may be taken at once after a quiet time; null: as much as <see cref="Amount"/>. A request that needs more than this is always refused. Not for concurrent requests.</summary>
    public long? Burst { get; init; }

    /// <summary>Whose requests it stands over. Default everybody's.</summary>
    public LimitScope Scope { get; set; } = new();

    /// <summary>
    /// True: one counter for each distinct combination of the values that the members of <see cref="Scope"/> match. False (default): one counter for all of them together.
    /// </summary>
    public bool Each { get; set; }

    /// <summary>Most counters of a limit with <see cref="Each"/>; values beyond share one. 1 to 100,000; default 10,000.</summary>
    public int MostCounters { get; set; } = 10_000;

    /// <summary>Share of the burst, in per cent, that requests of normal priority may use; the rest is kept for high ones. 1 to 100; default 100.</summary>
    public int NormalPercent { get; set; } = 100;

    /// <summary>Share of the burst, in per cent, that requests of low priority may use. 1 to 100, not above <see cref="NormalPercent"/>; default 100.</summary>
    public int LowPercent { get; set; } = 100;

    /// <summary>How long a request may wait for room instead of being refused, in milliseconds. 0 (default) to 60,000.</summary>
    public int MaxWaitMs { get; set; }

    /// <summary>Most requests that wait at one counter of one edge; further ones are refused. 1 to 10,000; default 100.</summary>
    public int MaxQueue { get; set; } = 100;

    /// <summary>True: everything is counted and nothing refused; what would have been refused is counted apart. Default false.</summary>
    public bool DryRun { get; set; }
}

/// <summary>Selects requests: every member that is given must fit. A value is taken exactly; with a trailing <c>*</c> by its beginning, and <c>*</c> alone is any.</summary>
public sealed record LimitScope
{
    /// <summary>The virtual key's id.</summary>
    public string? Key { get; init; }

    /// <summary>Id of the key's team.</summary>
    public string? Team { get; init; }

    /// <summary>Id of the key's customer.</summary>
    public string? Customer { get; init; }

    /// <summary>Id of the key's user.</summary>
    public string? User { get; init; }

    /// <summary>A tag of the key or of the request.</summary>
    public string? Tag { get; init; }

    /// <summary>The public model name as the caller writes it.</summary>
    public string? Model { get; init; }

    /// <summary>Id of the provider that is called. A provider without room is left out of the candidates; a request is refused when none is left.</summary>
    public string? Provider { get; init; }

    /// <summary>The end user as the request names it.</summary>
    public string? EndUser { get; init; }
}

/// <summary>What a rate limit counts. Numbers are persisted: append only.</summary>
public enum LimitMetric
{
    /// <summary>Requests.</summary>
    Requests = 1,

    /// <summary>Input tokens of every class, reserved before and corrected after the call.</summary>
    InputTokens = 2,

    /// <summary>Output tokens of every class, reserved before and corrected after the call.</summary>
    OutputTokens = 3,

    /// <summary>Input and output tokens together.</summary>
    TotalTokens = 4,

    /// <summary>Requests in flight at the same time.</summary>
    ConcurrentRequests = 5,

    /// <summary>Images made.</summary>
    Images = 6,

    /// <summary>Seconds of recordings listened to.</summary>
    AudioSeconds = 7,
}

/// <summary>How urgent a request is. Numbers are persisted: append only.</summary>
public enum PriorityClass
{
    /// <summary>First in queues, and may use every limit to its end.</summary>
    High = 1,

    /// <summary>As usual.</summary>
    Normal = 2,

    /// <summary>Last in queues, and may use only a part of limits that say so.</summary>
    Low = 3,
}
