namespace Gateway.Contracts.Usage;

/// <summary>
/// What one request used and cost: the unit of the ledger. Written to the edge's journal when the request settles and
/// ingested by governance exactly once by <see cref="Id"/>.
/// </summary>
public sealed record UsageRecord
{
    /// <summary>Unique over all edges and for ever: 32 lower-case hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>When the request arrived, in microseconds since 1970-01-01 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>From arrival to the last byte of the answer, in microseconds.</summary>
    public long DurationMicros { get; init; }

    /// <summary>From arrival to the first byte of the answer, in microseconds.</summary>
    public long FirstByteMicros { get; init; }

    /// <summary>Virtual key. Requests without a valid one are counted in metrics only: strangers must not be able to fill the ledger.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>Team of the key; empty for none.</summary>
    public string TeamId { get; set; } = "";

    /// <summary>User of the key; empty for none.</summary>
    public string UserId { get; set; } = "";

    /// <summary>Customer of the key; empty for none.</summary>
    public string CustomerId { get; set; } = "";

    /// <summary>End user as the request names it, at most 256 bytes; empty for none.</summary>
    public string EndUser { get; set; } = "";

    /// <summary>Tags of the key and of the request.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>The budgets' windows that the cost is charged to, each as <c>budget#window</c>; which window of that kind, <see cref="StartedAtMicros"/> says.</summary>
    public IReadOnlyList<string> Budgets { get; set; } = [];

    /// <summary>The run of the edge that served it: its start in microseconds since 1970-01-01 UTC.</summary>
    public long Epoch { get; init; }

    /// <summary>What was asked for.</summary>
    public required Operation Operation { get; init; }

    /// <summary>Public model name as the caller wrote it.</summary>
    public string Model { get; set; } = "";

    /// <summary>Model route that was taken; empty for none.</summary>
    public string Route { get; set; } = "";

    /// <summary>Deployment that answered, or the last one tried; empty when none was called.</summary>
    public string DeploymentId { get; set; } = "";

    /// <summary>Provider of the deployment.</summary>
    public string ProviderId { get; set; } = "";

    /// <summary>Credential of the deployment; empty for none.</summary>
    public string CredentialId { get; set; } = "";

    /// <summary>HTTP status sent to the caller.</summary>
    public int Status { get; init; }

    /// <summary>How the request ended.</summary>
    public required RequestOutcome Outcome { get; init; }

    /// <summary>Error code of the answer; empty when it was none.</summary>
    public string ErrorCode { get; set; } = "";

    /// <summary>True when the answer was streamed.</summary>
    public bool Stream { get; init; }

    /// <summary>Calls made to providers.</summary>
    public int Attempts { get; init; }

    /// <summary>Tokens by disjoint class.</summary>
    public TokenUsage Tokens { get; set; } = new();

    /// <summary>What was used that is not billed by tokens.</summary>
    public UsageUnits Units { get; set; }

    /// <summary>How the provider served it, which may change its price. Default <see cref="ServiceTier.Standard"/>.</summary>
    public ServiceTier Tier { get; set; } = ServiceTier.Standard;

    /// <summary>Trace that the request belongs to, 32 lower-case hex digits; empty for none.</summary>
    public string TraceId { get; set; } = "";

    /// <summary>Session that the caller named, at most 128 bytes; empty for none.</summary>
    public string SessionId { get; set; } = "";

    /// <summary>
    /// Requests that the record stands for. More than 1 only for a sum that an edge under load made of requests that are alike in everything that counts: its figures are totals, its
    /// durations means, and what tells single requests apart (end user, session, trace) is empty.
    /// </summary>
    public int Count { get; set; } = 1;

    /// <summary>True when the provider reported no usage and <see cref="Tokens"/> is the gateway's estimate.</summary>
    public bool Estimated { get; init; }

    /// <summary>True when the stream broke off and another deployment went on with it; the outcome tells whether it came to its end.</summary>
    public bool Continued { get; init; }

    /// <summary>Where its answer came from, when no provider was called for it. Default <see cref="CacheUse.None"/>.</summary>
    public CacheUse Cache { get; set; }

    /// <summary>What the answer had cost when it was made, in nano-US-dollars, less what this request paid of it; 0 unless <see cref="Cache"/> is set.</summary>
    public long SavedNanoUsd { get; set; }

    /// <summary>Tokens that the answer had used when it was made; they are not in <see cref="Tokens"/>.</summary>
    public long SavedTokens { get; set; }

    /// <summary>Cost in nano-US-dollars; 0 when <see cref="PriceVersion"/> is empty.</summary>
    public long CostNanoUsd { get; init; }

    /// <summary>Version of the price applied; empty when the model was unpriced or nothing was used.</summary>
    public string PriceVersion { get; set; } = "";
}

/// <summary>Tokens by disjoint class: each token is counted in exactly one.</summary>
public sealed record TokenUsage
{
    /// <summary>Uncached text input.</summary>
    public long Input { get; init; }

    /// <summary>Text input read from the provider's prompt cache.</summary>
    public long CacheRead { get; init; }

    /// <summary>Input written to the provider's prompt cache for the usual time, five minutes where there is a choice.</summary>
    public long CacheWrite { get; init; }

    /// <summary>Input written to the provider's prompt cache for an hour.</summary>
    public long CacheWriteHour { get; init; }

    /// <summary>Output without reasoning, audio and images.</summary>
    public long Output { get; init; }

    /// <summary>Reasoning output.</summary>
    public long Reasoning { get; init; }

    /// <summary>Uncached audio input.</summary>
    public long AudioInput { get; init; }

    /// <summary>Audio input read from the provider's prompt cache.</summary>
    public long AudioCacheRead { get; init; }

    /// <summary>Audio output.</summary>
    public long AudioOutput { get; init; }

    /// <summary>Uncached input that stands for images.</summary>
    public long ImageInput { get; init; }

    /// <summary>Input that stands for images and was read from the provider's prompt cache.</summary>
    public long ImageCacheRead { get; init; }

    /// <summary>Output that stands for images.</summary>
    public long ImageOutput { get; init; }
}

/// <summary>What was asked for. Numbers are persisted: append only.</summary>
public enum Operation
{
    /// <summary>Not known: the request was refused before.</summary>
    Unknown = 0,

    /// <summary>Chat completion.</summary>
    Chat = 1,

    /// <summary>Text completion.</summary>
    Completion = 2,

    /// <summary>Embeddings.</summary>
    Embedding = 3,

    /// <summary>Reranking.</summary>
    Rerank = 4,

    /// <summary>Moderation.</summary>
    Moderation = 5,

    /// <summary>Counting tokens; costs nothing.</summary>
    CountTokens = 6,

    /// <summary>Images made, of a prompt or of other images.</summary>
    Image = 7,

    /// <summary>Speech made of text.</summary>
    Speech = 8,

    /// <summary>Text made of speech, in its own language or translated.</summary>
    Transcription = 9,

    /// <summary>A request passed on to a provider as it is.</summary>
    Passthrough = 32,

    /// <summary>A realtime session.</summary>
    Realtime = 33,

    /// <summary>A stored response asked for, cancelled or deleted; costs nothing.</summary>
    StoredResponse = 34,

    /// <summary>Files that a provider keeps; costs nothing.</summary>
    File = 36,

    /// <summary>Batches: asking about them costs nothing, the record that a batch is settled with has its cost.</summary>
    Batch = 37,

    /// <summary>A tool of the MCP hub, or a program that calls several.</summary>
    McpTool = 38,
}

/// <summary>How a request ended. Numbers are persisted: append only.</summary>
public enum RequestOutcome
{
    /// <summary>Answered in full.</summary>
    Completed = 1,

    /// <summary>Refused by the gateway before any provider was called.</summary>
    Rejected = 2,

    /// <summary>The provider answered with an error that was passed on.</summary>
    UpstreamError = 3,

    /// <summary>No provider could be reached or none answered in time.</summary>
    UpstreamUnavailable = 4,

    /// <summary>The provider's answer broke off after it had begun.</summary>
    UpstreamCut = 5,

    /// <summary>The caller went away.</summary>
    ClientCancelled = 6,

    /// <summary>The gateway shut down while the answer was under way.</summary>
    GatewayStopped = 7,

    /// <summary>The edge died while the answer was under way; the record was made afterwards from what it left behind, and is an estimate from above.</summary>
    GatewayKilled = 8,

    /// <summary>A budget had no room for more of the answer.</summary>
    BudgetStopped = 9,

    /// <summary>The key was revoked while the answer was under way.</summary>
    KeyRevoked = 10,

    /// <summary>A guardrail ended the answer, or kept it back.</summary>
    ContentBlocked = 11,
}

/// <summary>Where an answer came from for which no provider was called. Numbers are persisted: append only.</summary>
public enum CacheUse
{
    /// <summary>From a provider.</summary>
    None = 0,

    /// <summary>It was stored for the same request.</summary>
    Exact = 1,

    /// <summary>It was stored for a request of the same meaning.</summary>
    Semantic = 2,

    /// <summary>The call of an identical request under way gave it.</summary>
    Shared = 3,
}

/// <summary>How a provider serves a request. Numbers are persisted: append only.</summary>
public enum ServiceTier
{
    /// <summary>As usual.</summary>
    Standard = 1,

    /// <summary>In a batch.</summary>
    Batch = 2,

    /// <summary>Sooner, for more money.</summary>
    Priority = 3,

    /// <summary>Later, for less money.</summary>
    Flex = 4,
}

/// <summary>Body of <c>POST /internal/usage</c>.</summary>
public sealed record UsageBatch
{
    /// <summary>The edge that sends.</summary>
    public required string EdgeId { get; init; }

    /// <summary>At most 5,000 records.</summary>
    public required IReadOnlyList<UsageRecord> Records { get; init; }

    /// <summary>
    /// The stretch of the edge's journal that this batch stands for whole, where it holds sums of it; null where every record is one request. The ledger takes each stretch, and each
    /// record in it, in one form only. Sent to a governance that says <see cref="UsageAck.TakesSums"/>.
    /// </summary>
    public UsageSpan? Summed { get; set; }

    /// <summary>Records that governance has refused and that the edge has set aside by now; they are not in the ledger.</summary>
    public int Refused { get; set; }
}

/// <summary>A stretch of a journal.</summary>
public sealed record UsageSpan
{
    /// <summary>The run of the edge that wrote it: the first 16 hex digits of its records' ids.</summary>
    public required string Writer { get; init; }

    /// <summary>Place of its first record: the last 16 hex digits of the record's id as a number.</summary>
    public required long First { get; init; }

    /// <summary>Place of its last record.</summary>
    public required long Last { get; init; }
}

/// <summary>Answer to <c>POST /internal/usage</c>, given only once every record is durable.</summary>
public sealed record UsageAck
{
    /// <summary>Records stored by this call.</summary>
    public required int Stored { get; init; }

    /// <summary>Records that had been stored before.</summary>
    public required int Duplicates { get; init; }

    /// <summary>True from a governance that takes batches with <see cref="UsageBatch.Summed"/>.</summary>
    public bool TakesSums { get; set; }

    /// <summary>
    /// Set when a batch of sums was not stored, because part of its stretch had been taken before: everything of that writer up to this place is in the ledger. The edge goes on after it.
    /// </summary>
    public long? TakenUpTo { get; set; }
}
