namespace Gateway.Contracts.Configuration;

/// <summary>A virtual key as the edges know it: by hash, never by value.</summary>
public sealed record VirtualKeyEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key's UTF-8 bytes, 64 lower-case hex digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The team it belongs to, or null.</summary>
    public string? TeamId { get; init; }

    /// <summary>False for a blocked key. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>From when on the key is refused, or null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Public model names the key may use, a trailing <c>*</c> allowed; empty: all.</summary>
    public IReadOnlyList<string> AllowedModels { get; set; } = [];

    /// <summary>Providers the key may reach; empty: all.</summary>
    public IReadOnlyList<string> AllowedProviders { get; set; } = [];

    /// <summary>Client addresses the key may be used from, as CIDR ranges; empty: any.</summary>
    public IReadOnlyList<string> AllowedIps { get; set; } = [];

    /// <summary>Keys that the request's <c>metadata</c> object must have; empty: none.</summary>
    public IReadOnlyList<string> RequiredMetadata { get; set; } = [];

    /// <summary>Rate limits of the key itself.</summary>
    public RateLimitEntry Limits { get; set; } = new();

    /// <summary>Budgets that stand over the key, besides its team's.</summary>
    public IReadOnlyList<string> BudgetIds { get; set; } = [];

    /// <summary>Routes that this key's requests take instead of those of the models they name, the first that matches. At most 100; default none.</summary>
    public IReadOnlyList<KeyRoute> Routes { get; set; } = [];
}

/// <summary>A team of virtual keys.</summary>
public sealed record TeamEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Rate limits over all the team's keys together.</summary>
    public RateLimitEntry Limits { get; set; } = new();

    /// <summary>Budgets that stand over all the team's keys.</summary>
    public IReadOnlyList<string> BudgetIds { get; set; } = [];
}

/// <summary>Rate limits; null means unlimited.</summary>
public sealed record RateLimitEntry
{
    /// <summary>Requests in a minute, spread evenly with a burst of the whole amount (GCRA). 1 to 1,000,000,000.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Prompt and completion tokens in a minute, reserved before and corrected after the call. 1 to 1,000,000,000,000.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Requests in flight at the same time. 1 to 1,000,000.</summary>
    public int? Concurrency { get; init; }
}

/// <summary>A budget: an amount of money for a window of time.</summary>
public sealed record BudgetEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Amount in nano-US-dollars for one window.</summary>
    public required long LimitNanoUsd { get; init; }

    /// <summary>Length of the window. Default <see cref="BudgetWindow.Month"/>.</summary>
    public BudgetWindow Window { get; set; } = BudgetWindow.Month;
}

/// <summary>Window of a budget, aligned to the UTC calendar. Numbers are persisted: append only.</summary>
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
