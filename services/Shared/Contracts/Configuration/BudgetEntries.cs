namespace Gateway.Contracts.Configuration;

/// <summary>
/// A budget: amounts of money for windows of time. It stands over the requests that its <see cref="Scope"/> selects and over those of the accounts that name it in
/// their <c>budgetIds</c>. Each window is an account of the ledger of its own, and every one of them must have room for a request.
/// </summary>
public sealed record BudgetEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Amount in nano-US-dollars for one <see cref="Window"/>; null: only <see cref="Windows"/> count. 0 lets nothing through.</summary>
    public long? LimitNanoUsd { get; init; }

    /// <summary>The window of <see cref="LimitNanoUsd"/>, aligned to the UTC calendar. Default <see cref="BudgetWindow.Month"/>.</summary>
    public BudgetWindow Window { get; set; } = BudgetWindow.Month;

    /// <summary>Further windows, each with its own amount. At most 10.</summary>
    public IReadOnlyList<BudgetWindowEntry> Windows { get; set; } = [];

    /// <summary>Whose requests it stands over, besides those of accounts that name it; null: only theirs.</summary>
    public AccountScope? Scope { get; init; }

    /// <summary>Amounts granted on top of every window's limit, for a while. At most 100.</summary>
    public IReadOnlyList<BudgetOverride> Overrides { get; set; } = [];

    /// <summary>Shares of the limit in per cent at which somebody is told, ascending. 1 to 1,000 each, at most 20.</summary>
    public IReadOnlyList<int> AlertPercents { get; set; } = [];

    /// <summary>Channels that are told; empty: every channel that wants budget alerts.</summary>
    public IReadOnlyList<string> AlertChannelIds { get; set; } = [];

    /// <summary>True: everything is counted and alerted, and nothing refused; what would have been refused is counted apart. Default false.</summary>
    public bool DryRun { get; set; }
}

/// <summary>One window of a budget.</summary>
public sealed record BudgetWindowEntry
{
    /// <summary>Amount in nano-US-dollars for one window. 0 lets nothing through.</summary>
    public required long LimitNanoUsd { get; init; }

    /// <summary>Unit of the window's length. Default <see cref="BudgetWindow.Month"/>.</summary>
    public BudgetWindow Unit { get; set; } = BudgetWindow.Month;

    /// <summary>Length in units: 1 to 366, one year in all at most; 1 with <see cref="BudgetWindow.Total"/>. Default 1.</summary>
    public int Count { get; set; } = 1;

    /// <summary>
    /// True: the window always ends now. It is counted in 60 equal parts, and a part counts until it lies outside as a whole, so it errs to the safe side by at most a
    /// sixtieth of its length. False (default): it is aligned to the calendar.
    /// </summary>
    public bool Rolling { get; set; }

    /// <summary>IANA time zone of the calendar. Default UTC. Not with <see cref="Rolling"/>.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>
    /// Day on which a week (1 Monday to 7 Sunday), month (1 to 31; the last day where a month is shorter) or year (1 to 366) begins. Default 1. Not with <see cref="Rolling"/>.
    /// </summary>
    public int ResetDay { get; set; } = 1;
}

/// <summary>An amount granted on top of a budget's limits until a moment.</summary>
/// <param name="Id">Unique in the budget.</param>
/// <param name="NanoUsd">Amount in nano-US-dollars.</param>
/// <param name="ExpiresAt">From when on it no longer counts. What it let through stays spent.</param>
public sealed record BudgetOverride(string Id, long NanoUsd, DateTimeOffset ExpiresAt)
{
    /// <summary>Why it was granted; for people.</summary>
    public string Reason { get; set; } = "";
}

/// <summary>Selects requests: every member that is given must fit.</summary>
public sealed record AccountScope
{
    /// <summary>Customer of the key.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Team of the key.</summary>
    public string? TeamId { get; init; }

    /// <summary>User of the key.</summary>
    public string? UserId { get; init; }

    /// <summary>The virtual key.</summary>
    public string? KeyId { get; init; }

    /// <summary>A tag of the key or of the request.</summary>
    public string? Tag { get; init; }

    /// <summary>The provider that is called. A provider without room is left out of the candidates; a request is refused when none is left.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The public model name as the caller writes it, a trailing <c>*</c> allowed.</summary>
    public string? Model { get; init; }
}

/// <summary>Window of a budget, as a unit of length; as a whole aligned to the UTC calendar. Numbers are persisted: append only.</summary>
public enum BudgetWindow
{
    /// <summary>Never resets.</summary>
    Total = 1,

    /// <summary>Resets at each full minute.</summary>
    Minute = 2,

    /// <summary>Resets at each full hour.</summary>
    Hour = 3,

    /// <summary>Resets at 00:00 UTC.</summary>
    Day = 4,

    /// <summary>Resets on Monday, 00:00 UTC.</summary>
    Week = 5,

    /// <summary>Resets on the first of the month, 00:00 UTC.</summary>
    Month = 6,

    /// <summary>Resets on the first of January, 00:00 UTC.</summary>
    Year = 7,
}
