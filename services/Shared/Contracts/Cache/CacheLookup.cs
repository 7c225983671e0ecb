using System.Text.Json.Serialization;

namespace Gateway.Contracts.Cache;

/// <summary>Body of <c>POST /v1/lookup</c> of the semantic cache: is there an answer to a question that means the same?</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheLookupRequest
{
    /// <summary>
    /// Lower-case hex SHA-256 of everything that must be equal for an answer to be shared: tenant scope, route, model, earlier turns, parameters, tools,
    /// policy version. Nothing stored under another partition is ever looked at.
    /// </summary>
    public required string Partition { get; init; }

    /// <summary>
    /// Lower-case hex SHA-256 of what shares evidence about right and wrong hits, for example tenant scope and route: partitions of single conversations are too
    /// small to learn from. Null: the partition. It must contain the tenant scope.
    /// </summary>
    public string? Domain { get; init; }

    /// <summary>What people call the domain, in statistics; at most 256 characters. Null: nothing but its hash.</summary>
    public string? DomainName { get; init; }

    /// <summary>The text that is compared by meaning: the last user turn. May be anything; empty text is a bypass.</summary>
    public required string Text { get; init; }

    /// <summary>How it is decided.</summary>
    public CacheMatchPolicy Policy { get; set; } = new();

    /// <summary>Milliseconds after which the answer is of no use any more: the service then answers <see cref="CacheOutcome.Bypass"/>. 1 to 60,000; default 30.</summary>
    public int BudgetMilliseconds { get; set; } = 30;

    /// <summary>Answers older than this do not count, in seconds; null for any age. 0 or more.</summary>
    public long? MaxAgeSeconds { get; init; }

    /// <summary>Answers that have expired for no longer than this still count, marked by <see cref="CacheLookupResponse.Stale"/>, in seconds. 0 or more; default 0.</summary>
    public long MaxStaleSeconds { get; set; }
}

/// <summary>How the cache decides that two questions have the same answer.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheMatchPolicy
{
    /// <summary>How it is decided. Default <see cref="CacheMatchMode.Learned"/>.</summary>
    public CacheMatchMode Mode { get; set; } = CacheMatchMode.Learned;

    /// <summary>For learned and shadow: wrong hits per look-up that are allowed. 0.0001 to 0.2; default 0.01.</summary>
    public double MaxWrongHitRate { get; set; } = 0.01;

    /// <summary>For threshold: the least cosine; for verified: the least probability of the same answer. 0.5 to 1; default 0.95.</summary>
    public double Threshold { get; set; } = 0.95;

    /// <summary>Share of hits for which <see cref="CacheLookupResponse.Verify"/> asks for a fresh answer to compare. 0 to 1; default 0.01.</summary>
    public double ShadowRate { get; set; } = 0.01;

    /// <summary>The most such hits an hour in one domain. 0 to 100,000; default 60.</summary>
    public int ShadowPerHour { get; set; } = 60;

    /// <summary>What is done with a text that is longer than the model's window. Default <see cref="CacheLongText.Skip"/>.</summary>
    public CacheLongText LongText { get; set; } = CacheLongText.Skip;
}

/// <summary>How the cache decides.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CacheMatchMode>))]
public enum CacheMatchMode
{
    /// <summary>Thresholds are learnt from observed outcomes so that wrong hits stay below the bound.</summary>
    [JsonStringEnumMemberName("learned")]
    Learned = 1,

    /// <summary>A fixed least probability, of the verifier as it was trained.</summary>
    [JsonStringEnumMemberName("verified")]
    Verified = 2,

    /// <summary>A fixed least cosine and nothing else.</summary>
    [JsonStringEnumMemberName("threshold")]
    Threshold = 3,

    /// <summary>As learned, but nothing is served: hits are reported as misses with <see cref="CacheLookupResponse.WouldHit"/>.</summary>
    [JsonStringEnumMemberName("shadow")]
    Shadow = 4,
}

/// <summary>What is done with texts longer than the model's window.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CacheLongText>))]
public enum CacheLongText
{
    /// <summary>They are not looked up and not stored.</summary>
    [JsonStringEnumMemberName("skip")]
    Skip = 1,

    /// <summary>Their beginning is compared by meaning, and the rest must be equal.</summary>
    [JsonStringEnumMemberName("truncate")]
    Truncate = 2,
}

/// <summary>Answer to <c>POST /v1/lookup</c>.</summary>
public sealed record CacheLookupResponse
{
    /// <summary>What came of it.</summary>
    public required CacheOutcome Outcome { get; init; }

    /// <summary>Why, as a word with underscores from <see cref="CacheReasons"/>; null for a plain hit.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Names this look-up for some minutes, so that <c>/v1/store</c> and <c>/v1/observe</c> need not embed its text again; null where nothing was embedded.
    /// </summary>
    public string? LookupId { get; init; }

    /// <summary>Id of the nearest entry, also where it was not good enough; null without one.</summary>
    public string? EntryId { get; init; }

    /// <summary>Id of the same answer in the exact caches; null without one, or where it is not known.</summary>
    public string? AnswerId { get; init; }

    /// <summary>Cosine of the two texts, -1 to 1; null without a candidate.</summary>
    public double? Similarity { get; init; }

    /// <summary>The learnt probability that the stored answer is right, 0 to 1; null without a candidate.</summary>
    public double? Probability { get; init; }

    /// <summary>Seconds since the entry was stored; null without one.</summary>
    public long? AgeSeconds { get; init; }

    /// <summary>True where the answer had expired, but not longer ago than was allowed.</summary>
    public bool Stale { get; set; }

    /// <summary>Shadow mode only: in mode learned this would have been a hit.</summary>
    public bool WouldHit { get; set; }

    /// <summary>
    /// True where a fresh answer is wanted as evidence by <c>POST /v1/observe</c>. With outcome hit: serve the stored answer and get the fresh one in the
    /// background. Else: the answer that the request gets anyway.
    /// </summary>
    public bool Verify { get; set; }

    /// <summary>The stored answer of a hit; otherwise null.</summary>
    public CacheAnswer? Answer { get; init; }
}

/// <summary>What came of a look-up.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CacheOutcome>))]
public enum CacheOutcome
{
    /// <summary>An answer was found.</summary>
    [JsonStringEnumMemberName("hit")]
    Hit = 1,

    /// <summary>No answer was found; one may be stored.</summary>
    [JsonStringEnumMemberName("miss")]
    Miss = 2,

    /// <summary>The cache did not look, or not in time. Whether an answer may be stored is decided by <c>/v1/store</c>.</summary>
    [JsonStringEnumMemberName("bypass")]
    Bypass = 3,

    /// <summary>There is a candidate, but not enough evidence for it: the answer goes upstream, and comparing the two is the evidence.</summary>
    [JsonStringEnumMemberName("uncertain")]
    Uncertain = 4,
}

/// <summary>The words in <see cref="CacheLookupResponse.Reason"/>, <see cref="CacheStoreResponse.Reason"/> and in the statistics.</summary>
public static class CacheReasons
{
    /// <summary>Nothing is stored in this partition.</summary>
    public const string EmptyPartition = "empty_partition";

    /// <summary>No entry is near enough for a second look.</summary>
    public const string NothingNear = "nothing_near";

    /// <summary>The nearest entry is not likely to have the same answer.</summary>
    public const string NotSame = "not_same";

    /// <summary>The text is the same but for case, spaces and closing punctuation.</summary>
    public const string SameText = "same_text";

    /// <summary>The evidence of this entry or domain does not reach yet.</summary>
    public const string NeedsEvidence = "needs_evidence";

    /// <summary>The measured rate of wrong hits is over the bound: exact matches only until it is below again.</summary>
    public const string OverBound = "over_bound";

    /// <summary>Shadow mode: nothing is served.</summary>
    public const string ShadowMode = "shadow_mode";

    /// <summary>There is no text to compare.</summary>
    public const string EmptyText = "empty_text";

    /// <summary>The text is longer than the model's window and the policy says skip.</summary>
    public const string LongText = "long_text";

    /// <summary>The text is in a script that the embedding model does not know: it is matched exactly only.</summary>
    public const string UnknownScript = "unknown_script";

    /// <summary>The text is in a language that the embedding model does not know: it is matched exactly only.</summary>
    public const string UnknownLanguage = "unknown_language";

    /// <summary>The workers' queue is full.</summary>
    public const string Busy = "busy";

    /// <summary>The look-up did not end within its budget.</summary>
    public const string OutOfTime = "out_of_time";

    /// <summary>The vector store or the store of answers does not answer.</summary>
    public const string StoreUnavailable = "store_unavailable";

    /// <summary>The embedding endpoint does not answer, or answers with vectors of a wrong dimension.</summary>
    public const string EmbeddingUnavailable = "embedding_unavailable";

    /// <summary>The disk is full or broken: nothing is stored until it is well again.</summary>
    public const string DiskFull = "disk_full";

    /// <summary>The answer is larger than one entry may be.</summary>
    public const string TooLarge = "too_large";
}
