namespace Gateway.Contracts.Budgets;

/// <summary>
/// Body of <c>POST /internal/leases</c>: what an edge has and wants of budgets. A lease is the part of a budget's window that one run of one edge may spend by itself.
/// All figures of a lease but the momentary ones are totals since the run began, so that a question may be asked twice or arrive late without granting anything twice.
/// </summary>
public sealed record LeaseRequest
{
    /// <summary>The edge that asks.</summary>
    public required string EdgeId { get; init; }

    /// <summary>The run of the edge: its start in microseconds since 1970-01-01 UTC, higher than that of any run before.</summary>
    public required long Epoch { get; init; }

    /// <summary>
    /// Every run before this one is settled: all its records are acknowledged, so what it had leased and not spent goes back. Sent once that is so, and with every question after.
    /// </summary>
    public bool EarlierRunsSettled { get; set; }

    /// <summary>At most 10,000.</summary>
    public required IReadOnlyList<LeaseAsk> Leases { get; init; }
}

/// <summary>What an edge has and wants of one window of one budget.</summary>
public sealed record LeaseAsk
{
    /// <summary>The budget's id.</summary>
    public required string BudgetId { get; init; }

    /// <summary>The window's key, as <c>BudgetWindows.Key</c> of its entry writes it.</summary>
    public required string Window { get; init; }

    /// <summary>Start of the window in microseconds since 1970-01-01 UTC; 0 for one that never resets or rolls.</summary>
    public required long Start { get; init; }

    /// <summary>Nano-US-dollars granted so far, as the edge knows it.</summary>
    public long Granted { get; set; }

    /// <summary>Nano-US-dollars given back so far; the edge no longer spends them.</summary>
    public long Returned { get; set; }

    /// <summary>Nano-US-dollars settled so far, recorded or about to be.</summary>
    public long Spent { get; set; }

    /// <summary>Nano-US-dollars that requests hold at this moment.</summary>
    public long Held { get; set; }

    /// <summary>Nano-US-dollars that the edge would like to have free, by its rate.</summary>
    public long Wanted { get; set; }

    /// <summary>Nano-US-dollars that a waiting request needs free; a grant below it is of no use to that request. 0: none waits.</summary>
    public long Needed { get; set; }
}

/// <summary>Answer to <c>POST /internal/leases</c>, durable before it is given.</summary>
public sealed record LeaseResponse
{
    /// <summary>One for each lease asked about, in the same order.</summary>
    public required IReadOnlyList<LeaseGrant> Leases { get; init; }
}

/// <summary>What an edge may spend of one window of one budget.</summary>
public sealed record LeaseGrant
{
    /// <summary>
    /// Nano-US-dollars granted so far: the edge may settle and hold up to this less what it returned. It counts as it is, even where it is lower than what the edge knew:
    /// then the run had been given up, and what it had free went to others.
    /// </summary>
    public required long Granted { get; init; }

    /// <summary>
    /// How long the grant is good for, in milliseconds from when the question was sent. Afterwards nothing of it may be held anew until another answer; what is held may be settled.
    /// </summary>
    public required long ExpiresInMs { get; init; }

    /// <summary>
    /// Nano-US-dollars that this run has told of as returned. An edge that let go of a past window and opens it again for a request that began in it goes on from here:
    /// what was granted then is spent and returned, and not to be had again.
    /// </summary>
    public long Returned { get; init; }

    /// <summary>Nano-US-dollars that this run has told of as spent; see <see cref="Returned"/>.</summary>
    public long Spent { get; init; }

    /// <summary>
    /// True when nothing or nearly nothing is left for anybody, or another edge waits for it: the edge gives back at once what it has free, asks for each request, and for no
    /// more than it needs. A request that was refused for lack of it may ask again shortly after: others give back what they have free when they next ask.
    /// </summary>
    public bool Scarce { get; set; }

    /// <summary>Settled by all edges in this window, in per cent of its limit; for routing rules and alerts, never told to callers.</summary>
    public double SpentPercent { get; set; }
}
