namespace Gateway.Edge.Http;

/// <summary>Response headers of the gateway itself, and request headers that are meant for it.</summary>
internal static class GatewayHeaders
{
    public const string RequestId = "x-gateway-request-id";
    public const string Fault = "x-gateway-fault";
    public const string Provider = "x-gateway-provider";
    public const string Attempts = "x-gateway-attempts";

    /// <summary>What the answering provider's dialect could not express of the request, separated by commas.</summary>
    public const string Dropped = "x-gateway-dropped";

    /// <summary><c>true</c> on a count of tokens that is the gateway's guess.</summary>
    public const string Estimated = "x-gateway-estimated";

    /// <summary>The decision record as JSON, for callers that ask for it.</summary>
    public const string Decision = "x-gateway-decision";

    /// <summary>Request: <c>true</c> asks for <see cref="Decision"/>.</summary>
    public const string Explain = "x-gateway-explain";

    /// <summary>The rate limit that refused a request: its id, or whom it stands over and what it counts.</summary>
    public const string Limit = "x-gateway-limit";

    /// <summary>Request: <c>high</c>, <c>normal</c> or <c>low</c>; never above what the key may have.</summary>
    public const string Priority = "x-gateway-priority";

    /// <summary>Request: models to fall back to, separated by commas.</summary>
    public const string Fallbacks = "x-gateway-fallbacks";

    /// <summary>Request: metadata, for dialects whose bodies have no place for it; see <see cref="CallerMetadata"/>.</summary>
    public const string Metadata = "x-gateway-metadata";

    /// <summary>Request: the end user it is made for.</summary>
    public const string EndUser = "x-gateway-end-user";

    /// <summary>Request: tags besides those of the key, separated by commas.</summary>
    public const string Tags = "x-gateway-tags";

    /// <summary>What the cache did: <c>hit-exact</c>, <c>hit-semantic</c>, <c>shared</c>, <c>miss</c> or <c>bypass</c>; only where a policy caches.</summary>
    public const string Cache = "x-gateway-cache";

    /// <summary>Age of the stored answer in seconds.</summary>
    public const string CacheAge = "x-gateway-cache-age";

    /// <summary>Id of the stored answer, by which it can be purged.</summary>
    public const string CacheId = "x-gateway-cache-id";

    /// <summary>How alike the two questions of a semantic hit are, 0 to 1.</summary>
    public const string CacheSimilarity = "x-gateway-cache-similarity";

    /// <summary>Request: <c>off</c>, <c>exact</c> or <c>semantic</c>; never more than policy allows.</summary>
    public const string CacheMode = "x-gateway-cache-mode";

    /// <summary>Request: seconds the answer is kept at most; never longer than policy allows.</summary>
    public const string CacheTtl = "x-gateway-cache-ttl";

    /// <summary>Request: shares answers only with requests that name the same.</summary>
    public const string CacheNamespace = "x-gateway-cache-namespace";

    /// <summary>What guardrail policies did, as <c>policy=action</c> separated by commas; a policy in shadow with <c>shadow:</c> before the action, one that could not look with <c>failed</c>.</summary>
    public const string Guardrails = "x-gateway-guardrails";

    /// <summary>Answer: the id under which somebody may approve the request. Request: the id of an approval that was given.</summary>
    public const string Approval = "x-gateway-approval";

    /// <summary>Request: the session it belongs to.</summary>
    public const string Session = "x-gateway-session";

    /// <summary>Request: tools of the MCP hub that the model gets, as patterns, servers or bundles separated by commas, or <c>none</c>.</summary>
    public const string McpTools = "x-gateway-mcp";

    /// <summary>Request: <c>on</c> or <c>off</c>, or limits (<c>turns=5; seconds=60; usd=0.10</c>): whether the gateway runs the model's calls. Answer: what became of it.</summary>
    public const string Agent = "x-gateway-agent";

    /// <summary>How many tools of the MCP hub the model got, <c>search</c> after it where they were too many to list; or <c>unavailable</c>.</summary>
    public const string McpOffered = "x-gateway-mcp-tools";
}
