using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Usage;

namespace Gateway.Governance.Usage;

/// <summary>Answer to <c>GET /api/usage</c>.</summary>
public sealed record UsageReport
{
    /// <summary>Start, inclusive. Earlier than asked for where only whole hours or days are kept of that time.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End, exclusive. Later than asked for where only whole hours or days are kept of that time.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>What the groups are by.</summary>
    public required IReadOnlyList<string> GroupBy { get; init; }

    /// <summary>Length of the points of a series; absent when none was asked for.</summary>
    public string? Interval { get; init; }

    /// <summary>Time zone that days, weeks and months are of.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Everything together, groups that were cut off included.</summary>
    public required UsageTotals Total { get; init; }

    /// <summary>The same for as long a time just before <see cref="From"/>; absent when it was not asked for.</summary>
    public UsageTotals? Previous { get; init; }

    /// <summary>Percentiles of everything together; absent when they were not asked for.</summary>
    public UsageLatency? Latency { get; init; }

    /// <summary>Everything together by interval, without the intervals in which nothing was used; absent when none was asked for.</summary>
    public IReadOnlyList<UsagePoint>? Series { get; init; }

    /// <summary>The dearest first.</summary>
    public required IReadOnlyList<UsageGroup> Groups { get; init; }

    /// <summary>True when there are more groups than <c>limit</c>.</summary>
    public required bool Truncated { get; init; }
}

/// <summary>One group of a report; only what it is grouped by is there.</summary>
public sealed record UsageGroup
{
    /// <summary>Id of the virtual key; empty for requests refused before one was known.</summary>
    public string? Key { get; init; }

    /// <summary>Name of the virtual key; absent when it has been revoked.</summary>
    public string? KeyName { get; init; }

    /// <summary>Public model name; <c>(other)</c> for what came after the 1,000th name of a day.</summary>
    public string? Model { get; init; }

    /// <summary>Id of the team; empty for none.</summary>
    public string? Team { get; init; }

    /// <summary>Id of the customer; empty for none.</summary>
    public string? Customer { get; init; }

    /// <summary>Id of the user; empty for none.</summary>
    public string? User { get; init; }

    /// <summary>Id of the provider; empty when none was called.</summary>
    public string? Provider { get; init; }

    /// <summary>Model route; empty for none.</summary>
    public string? Route { get; init; }

    /// <summary>Tag. A request counts under each of its tags.</summary>
    public string? Tag { get; init; }

    /// <summary>The figures.</summary>
    public required UsageTotals Totals { get; init; }

    /// <summary>The figures of as long a time just before; absent when they were not asked for.</summary>
    public UsageTotals? Previous { get; init; }

    /// <summary>Percentiles; absent when they were not asked for.</summary>
    public UsageLatency? Latency { get; init; }

    /// <summary>By interval, without the intervals in which nothing was used; absent when none was asked for.</summary>
    public IReadOnlyList<UsagePoint>? Series { get; init; }
}

/// <summary>One interval of a series.</summary>
public sealed record UsagePoint
{
    /// <summary>Start of the interval.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Requests.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that ended in an error.</summary>
    public long Errors { get; init; }

    /// <summary>All tokens together.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Cost in nano-US-dollars.</summary>
    public long CostNanoUsd { get; init; }

    /// <summary>Requests that the cache answered.</summary>
    public long CacheHits { get; init; }

    /// <summary>What those had cost, in nano-US-dollars.</summary>
    public long SavedNanoUsd { get; init; }

    /// <summary>Percentiles; only of everything together, of whole hours, and where they were asked for.</summary>
    public UsageLatency? Latency { get; init; }
}

/// <summary>Percentiles of durations, from histograms of whole hours: each within 9 %.</summary>
public sealed record UsageLatency
{
    /// <summary>From arrival to the last byte.</summary>
    public required Percentiles Duration { get; init; }

    /// <summary>From arrival to the first byte.</summary>
    public required Percentiles FirstByte { get; init; }
}

/// <summary>Percentiles in microseconds.</summary>
/// <param name="P50">Half are below.</param>
/// <param name="P90">90 % are below.</param>
/// <param name="P95">95 % are below.</param>
/// <param name="P99">99 % are below.</param>
public sealed record Percentiles(long P50, long P90, long P95, long P99);

/// <summary>Sums over requests.</summary>
public sealed record UsageTotals
{
    /// <summary>Requests.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that ended in an error: all outcomes but <c>Completed</c> and <c>ClientCancelled</c>.</summary>
    public long Errors { get; init; }

    /// <summary>Requests whose tokens are the gateway's estimate.</summary>
    public long EstimatedRequests { get; init; }

    /// <summary>Requests that used tokens without a known price: their cost is missing from the sum.</summary>
    public long UnpricedRequests { get; init; }

    /// <summary>Tokens by disjoint class.</summary>
    public required TokenUsage Tokens { get; init; }

    /// <summary>All tokens together.</summary>
    public long TotalTokens { get; init; }

    /// <summary>What was used that is not billed by tokens.</summary>
    public UsageUnitTotals? Units { get; init; }

    /// <summary>Mean time from arrival to the last byte, in microseconds.</summary>
    public long MeanDurationMicros { get; init; }

    /// <summary>Mean time from arrival to the first byte, in microseconds.</summary>
    public long MeanFirstByteMicros { get; init; }

    /// <summary>Cost in US dollars, exact, as a decimal text.</summary>
    public string CostUsd => Money.Usd(CostNanoUsd);

    /// <summary>Cost in nano-US-dollars.</summary>
    public long CostNanoUsd { get; init; }

    /// <summary>What the cache answered and saved; absent where it answered nothing.</summary>
    public UsageCacheTotals? Cache { get; init; }
}

/// <summary>Sums over requests that the cache answered: no provider was called for them, and their tokens and cost are in no other sum.</summary>
public sealed record UsageCacheTotals
{
    /// <summary>All of them.</summary>
    public long Hits { get; init; }

    /// <summary>Those answered by an answer to the same request.</summary>
    public long Exact { get; init; }

    /// <summary>Those answered by an answer to a request of the same meaning.</summary>
    public long Semantic { get; init; }

    /// <summary>Those answered by the call of an identical request under way.</summary>
    public long Shared { get; init; }

    /// <summary>What the answers had cost when they were made, in US dollars, exact, as a decimal text.</summary>
    public string SavedUsd => Money.Usd(SavedNanoUsd);

    /// <summary>The same in nano-US-dollars.</summary>
    public long SavedNanoUsd { get; init; }

    /// <summary>Tokens that the answers had used when they were made.</summary>
    public long SavedTokens { get; init; }
}

/// <summary>Sums of what is not billed by tokens.</summary>
/// <param name="Images">Images made.</param>
/// <param name="AudioMilliseconds">Recordings listened to.</param>
/// <param name="Characters">Characters spoken.</param>
/// <param name="Searches">Searches of rerankings.</param>
/// <param name="WebSearches">Searches of the web.</param>
public sealed record UsageUnitTotals(long Images, long AudioMilliseconds, long Characters, long Searches, long WebSearches);

/// <summary>Answer to <c>GET /api/usage/records</c>: newest first.</summary>
public sealed record UsageRecordPage
{
    /// <summary>The records. A page of a search that finds little may have fewer than asked for, or none, although there are more: then it has a <see cref="Next"/>.</summary>
    public required IReadOnlyList<UsageRecordView> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>One request: metadata only, never a prompt or an answer.</summary>
public sealed record UsageRecordView
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From arrival to the last byte of the answer, in microseconds.</summary>
    public long DurationMicros { get; init; }

    /// <summary>From arrival to the first byte of the answer, in microseconds.</summary>
    public long FirstByteMicros { get; init; }

    /// <summary>The edge that served it.</summary>
    public required string Edge { get; init; }

    /// <summary>Id of the virtual key; empty for a request refused before one was known.</summary>
    public required string Key { get; init; }

    /// <summary>Id of the team; empty for none.</summary>
    public required string Team { get; init; }

    /// <summary>Id of the user; empty for none.</summary>
    public string User { get; init; } = "";

    /// <summary>Id of the customer; empty for none.</summary>
    public string Customer { get; init; } = "";

    /// <summary>End user as the request named it; empty for none.</summary>
    public string EndUser { get; init; } = "";

    /// <summary>Tags of the key and of the request.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The budgets' windows that the cost was charged to, each as <c>budget#window</c>.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>What was asked for.</summary>
    public Operation Operation { get; init; }

    /// <summary>Public model name as the caller wrote it.</summary>
    public required string Model { get; init; }

    /// <summary>Model route that was taken; empty for none.</summary>
    public string Route { get; init; } = "";

    /// <summary>Deployment that answered, or the last one tried.</summary>
    public required string Deployment { get; init; }

    /// <summary>Provider of the deployment.</summary>
    public required string Provider { get; init; }

    /// <summary>Credential of the deployment; empty for none.</summary>
    public string Credential { get; init; } = "";

    /// <summary>How the provider served it.</summary>
    public ServiceTier Tier { get; init; }

    /// <summary>Trace that the request belongs to; empty for none.</summary>
    public string TraceId { get; init; } = "";

    /// <summary>Session that the caller named; empty for none.</summary>
    public string Session { get; init; } = "";

    /// <summary>HTTP status sent to the caller.</summary>
    public int Status { get; init; }

    /// <summary>How the request ended.</summary>
    public RequestOutcome Outcome { get; init; }

    /// <summary>Error code of the answer; empty when it was none.</summary>
    public required string ErrorCode { get; init; }

    /// <summary>True when the answer was streamed.</summary>
    public bool Stream { get; init; }

    /// <summary>Calls made to providers.</summary>
    public int Attempts { get; init; }

    /// <summary>Tokens by disjoint class.</summary>
    public required TokenUsage Tokens { get; init; }

    /// <summary>What was used that is not billed by tokens.</summary>
    public UsageUnits Units { get; init; }

    /// <summary>Requests that the record stands for: more than 1 for a sum made under load.</summary>
    public int Count { get; init; } = 1;

    /// <summary>True when <see cref="Tokens"/> is the gateway's estimate.</summary>
    public bool Estimated { get; init; }

    /// <summary>True when the stream broke off and another deployment went on with it.</summary>
    public bool Continued { get; init; }

    /// <summary>Cost in US dollars, exact, as a decimal text.</summary>
    public string CostUsd => Money.Usd(CostNanoUsd);

    /// <summary>Cost in nano-US-dollars.</summary>
    public long CostNanoUsd { get; init; }

    /// <summary>Version of the price applied; empty when the model was unpriced or nothing was used.</summary>
    public required string PriceVersion { get; init; }

    /// <summary>Where the answer came from when no provider was called for it.</summary>
    public CacheUse Cache { get; init; }

    /// <summary>What the answer had cost when it was made, in nano-US-dollars; 0 unless <see cref="Cache"/> is set.</summary>
    public long SavedNanoUsd { get; init; }

    /// <summary>Tokens that the answer had used when it was made.</summary>
    public long SavedTokens { get; init; }
}

internal static class Money
{
    private const decimal NanosPerUsd = 1_000_000_000m;

    /// <summary>Exact decimal text, for example <c>0.000123</c>.</summary>
    public static string Usd(long nanos) => (nanos / NanosPerUsd).ToString("0.#########", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(UsageRecordPage))]
[JsonSerializable(typeof(UsageRecordView))]
internal sealed partial class UsageJson : JsonSerializerContext;
