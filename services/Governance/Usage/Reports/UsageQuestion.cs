using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Reports;

/// <summary>Length of the points of a series.</summary>
internal enum UsageInterval
{
    /// <summary>No series.</summary>
    None,

    /// <summary>A minute, counted from the records.</summary>
    Minute,

    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day of the time zone.</summary>
    Day,

    /// <summary>A week from Monday on.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,
}

/// <summary>What a report is asked for.</summary>
internal sealed record UsageQuestion
{
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public IReadOnlyList<UsageDimension> GroupBy { get; init; } = [];

    /// <summary>One value for each dimension.</summary>
    public IReadOnlyDictionary<UsageDimension, string> Filters { get; init; } = new Dictionary<UsageDimension, string>();

    /// <summary>Of the one dimension that it is grouped by, only these values; none for all.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public UsageInterval Interval { get; init; }

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    public bool Compare { get; init; }

    public bool Latency { get; init; }

    public int Limit { get; init; } = 1000;

    /// <summary>What the question is about: which aggregates can answer it.</summary>
    public IReadOnlyList<UsageDimension> Dimensions => [.. GroupBy.Concat(Filters.Keys).Distinct()];
}
