namespace Gateway.Contracts.Configuration;

/// <summary>
/// What is cached for whom, and how. The same form stands in the settings, on a route and on a key; what a key leaves out its route says, and what that leaves out the settings
/// say. Only <see cref="CacheMode.Off"/> on a route or key cannot be undone by the other.
/// </summary>
public sealed record CachePolicyEntry
{
    /// <summary>Where answers are looked for. Null: as said above; in <see cref="GatewaySettings.CachePolicy"/> always null, because <see cref="GatewaySettings.Cache"/> says it.</summary>
    public CacheMode? Mode { get; init; }

    /// <summary>True: it is looked and stored, but every request goes to its provider, and only the figures tell what hits there would have been. Default false.</summary>
    public bool? Shadow { get; init; }

    /// <summary>Who shares answers. Default <see cref="CacheScope.Key"/>.</summary>
    public CacheScope? Scope { get; init; }

    /// <summary>The scope's name with <see cref="CacheScope.Shared"/>: one of <see cref="CacheStorageSettings.SharedScopes"/>.</summary>
    public string? SharedScope { get; init; }

    /// <summary>True: end users share no answers either; requests that name none are not cached. Default false.</summary>
    public bool? PerEndUser { get; init; }

    /// <summary>How long an answer is given again, in seconds. Default 3,600; 1 to 2,592,000.</summary>
    public int? TtlSeconds { get; init; }

    /// <summary>How long after that it is still given while a new one is fetched, in seconds. Default 0; 0 to 604,800.</summary>
    public int? StaleWhileRevalidateSeconds { get; init; }

    /// <summary>Largest answer that is stored, in bytes. Default 262,144; 1,024 to 16,777,216.</summary>
    public int? MaxEntryBytes { get; init; }

    /// <summary>Requests of a higher temperature are not cached; one that names none is. Default 1; 0 to 2.</summary>
    public double? MaxTemperature { get; init; }

    /// <summary>True: answers that call tools, or tell of tools that the provider used, are stored too. Default false.</summary>
    public bool? ToolCalls { get; init; }

    /// <summary>Whether identical requests under way become one call, and who pays. Default <see cref="SingleFlightPolicy.LeaderPays"/>.</summary>
    public SingleFlightPolicy? SingleFlight { get; init; }

    /// <summary>Tokens a second at which stored answers are streamed; 0: at once. Default 0; 0 to 10,000.</summary>
    public int? ReplayTokensPerSecond { get; init; }

    /// <summary>What a hit takes of rate limits. Default <see cref="CacheLimitPolicy.Requests"/>.</summary>
    public CacheLimitPolicy? Limits { get; init; }

    /// <summary>Semantic: the share of look-ups, in percent, that may be answered wrongly. Default 1; 0.01 to 50.</summary>
    public double? MaxWrongHitPercent { get; init; }

    /// <summary>Semantic: a fixed similarity from which on texts count as the same, instead of what was learnt. Default null; 0.5 to 1.</summary>
    public double? Threshold { get; init; }

    /// <summary>Semantic: the share of hits, in percent, that also go to the provider, to learn how often hits are wrong. Default 1; 0 to 100.</summary>
    public double? SamplePercent { get; init; }

    /// <summary>Semantic: public name of the route whose model is asked whether a stored answer would have been right, where comparing it with a fresh one does not tell. Null: then it counts as wrong.</summary>
    public string? JudgeRoute { get; init; }

    /// <summary>Semantic: how long a look-up may take before the request goes on without it, in milliseconds. Default 30; 1 to 1,000.</summary>
    public int? LookupMs { get; init; }

    /// <summary>What is stored of requests and answers with personal data. Default <see cref="CachePiiPolicy.Store"/>.</summary>
    public CachePiiPolicy? Pii { get; init; }
}

/// <summary>Where answers are kept, for all policies together.</summary>
public sealed record CacheStorageSettings
{
    /// <summary>Bytes of answers in the memory of one edge. Default 67,108,864 (64 MiB); 1,048,576 to 17,179,869,184.</summary>
    public long MemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>True (default): where Redis is configured, edges share answers through it.</summary>
    public bool Redis { get; set; } = true;

    /// <summary>How long Redis may take before it is a miss, in milliseconds. Default 20; 1 to 1,000.</summary>
    public int RedisTimeoutMs { get; set; } = 20;

    /// <summary>True: answers are encrypted before they leave the edge's memory. Default false.</summary>
    public bool Encrypt { get; set; }

    /// <summary>Names of scopes whose answers all keys share that name them. Default none; at most 100.</summary>
    public IReadOnlyList<string> SharedScopes { get; set; } = [];

    /// <summary>Most requests a minute and edge that are made only to learn how often hits are wrong. Default 10; 0 to 1,000.</summary>
    public int SamplesPerMinute { get; set; } = 10;
}

/// <summary>Answers that must not be given any more; all that is given must fit. Answers made with a configuration of <see cref="Version"/> or later are not concerned.</summary>
public sealed record CachePurgeEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The version of the configuration that it came with.</summary>
    public long Version { get; set; }

    /// <summary>When it was made; answers stored later are left where they lie. Null: not known.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The answer with this id, as <c>x-gateway-cache-id</c> tells it: 64 hex digits. Null: any.</summary>
    public string? Key { get; init; }

    /// <summary>Those of this scope, for example <c>team:red</c>. Null: any.</summary>
    public string? Scope { get; init; }

    /// <summary>Those of this route, by its name. Null: any.</summary>
    public string? Route { get; init; }

    /// <summary>Those for this public model name. Null: any.</summary>
    public string? Model { get; init; }

    /// <summary>Those whose requests had this tag. Null: any.</summary>
    public string? Tag { get; init; }

    /// <summary>Those that were stored before this moment. Null: any.</summary>
    public DateTimeOffset? Before { get; init; }
}

/// <summary>Where answers are looked for. Numbers are persisted: append only.</summary>
public enum CacheMode
{
    /// <summary>Nowhere: every request passes through.</summary>
    Off = 1,

    /// <summary>Among answers to the same request.</summary>
    Exact = 2,

    /// <summary>Also among answers to requests that differ only in the words of the last question.</summary>
    Semantic = 3,
}

/// <summary>Who shares answers. Numbers are persisted: append only.</summary>
public enum CacheScope
{
    /// <summary>Requests of one key.</summary>
    Key = 1,

    /// <summary>Keys of one team; a key without one shares with none.</summary>
    Team = 2,

    /// <summary>Keys of one customer; a key without one shares with its team, or with none.</summary>
    Customer = 3,

    /// <summary>All that may use the route.</summary>
    Route = 4,

    /// <summary>All whose policies name the same shared scope.</summary>
    Shared = 5,
}

/// <summary>What happens with identical requests under way at the same time. Numbers are persisted: append only.</summary>
public enum SingleFlightPolicy
{
    /// <summary>Each is a call of its own.</summary>
    Off = 1,

    /// <summary>One call; who came first pays for it.</summary>
    LeaderPays = 2,

    /// <summary>One call, whose cost all that were answered by it share equally.</summary>
    Shared = 3,
}

/// <summary>What a hit takes of rate limits. Numbers are persisted: append only.</summary>
public enum CacheLimitPolicy
{
    /// <summary>One request, and no tokens.</summary>
    Requests = 1,

    /// <summary>One request, and the tokens of the stored answer.</summary>
    All = 2,

    /// <summary>Nothing.</summary>
    None = 3,
}

/// <summary>What is stored of requests and answers with personal data. Numbers are persisted: append only.</summary>
public enum CachePiiPolicy
{
    /// <summary>Everything as it is.</summary>
    Store = 1,

    /// <summary>Answers as they are; the question's text is redacted before its meaning is compared.</summary>
    Redact = 2,

    /// <summary>Nothing where the question or the answer has personal data.</summary>
    Skip = 3,
}
