namespace Gateway.Contracts.Configuration;

/// <summary>
/// The whole configuration of the data plane at one moment: full, versioned, immutable. Governance distributes it to
/// the edges; an edge that runs alone builds the same thing from its YAML file.
/// </summary>
public sealed record GatewaySnapshot
{
    /// <summary>The format this build writes. A reader refuses a higher one.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of this document; see <see cref="CurrentFormat"/>.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>Grows with every change; an edge never goes back to a lower one from the same source.</summary>
    public required long Version { get; init; }

    /// <summary>Providers by unique id.</summary>
    public IReadOnlyList<ProviderEntry> Providers { get; set; } = [];

    /// <summary>Credentials by unique id.</summary>
    public IReadOnlyList<CredentialEntry> Credentials { get; set; } = [];

    /// <summary>Deployments by unique id.</summary>
    public IReadOnlyList<DeploymentEntry> Deployments { get; set; } = [];

    /// <summary>Model routes by unique name.</summary>
    public IReadOnlyList<RouteEntry> Routes { get; set; } = [];

    /// <summary>Customers by unique id.</summary>
    public IReadOnlyList<CustomerEntry> Customers { get; set; } = [];

    /// <summary>Users by unique id.</summary>
    public IReadOnlyList<UserEntry> Users { get; set; } = [];

    /// <summary>Teams by unique id.</summary>
    public IReadOnlyList<TeamEntry> Teams { get; set; } = [];

    /// <summary>Virtual keys by unique id and unique hash.</summary>
    public IReadOnlyList<VirtualKeyEntry> Keys { get; set; } = [];

    /// <summary>Issuers of JWTs by unique id.</summary>
    public IReadOnlyList<JwtIssuerEntry> JwtIssuers { get; set; } = [];

    /// <summary>Budgets by unique id.</summary>
    public IReadOnlyList<BudgetEntry> Budgets { get; set; } = [];

    /// <summary>Rate limits by unique id, besides those that accounts have in short form.</summary>
    public IReadOnlyList<LimitEntry> Limits { get; set; } = [];

    /// <summary>Prices of one's own by unique id.</summary>
    public IReadOnlyList<PriceOverrideEntry> PriceOverrides { get; set; } = [];

    /// <summary>Guardrail policies by unique id.</summary>
    public IReadOnlyList<GuardrailPolicyEntry> Guardrails { get; set; } = [];

    /// <summary>Purges of the cache by unique id, as long as answers that they concern may exist.</summary>
    public IReadOnlyList<CachePurgeEntry> CachePurges { get; set; } = [];

    /// <summary>Servers of the MCP hub by unique id.</summary>
    public IReadOnlyList<McpServerEntry> McpServers { get; set; } = [];

    /// <summary>Bundles of the MCP hub's tools by unique id.</summary>
    public IReadOnlyList<McpBundleEntry> McpBundles { get; set; } = [];

    /// <summary>Policies of the MCP hub by unique id.</summary>
    public IReadOnlyList<McpPolicyEntry> McpPolicies { get; set; } = [];

    /// <summary>What was decided about tools, by unique id.</summary>
    public IReadOnlyList<McpToolEntry> McpTools { get; set; } = [];

    /// <summary>Credentials of MCP servers by unique id; <see cref="CredentialEntry.ProviderId"/> is the server's. Edges have no use for them.</summary>
    public IReadOnlyList<CredentialEntry> McpCredentials { get; set; } = [];

    /// <summary>
    /// The version of the last save of stored credentials (<c>credential:ID</c>) and providers (<c>provider:ID</c>). A save counts as a change even where the secret stayed
    /// the same: what was found wrong with a credential before it no longer holds.
    /// </summary>
    public IReadOnlyDictionary<string, long> Revisions { get; set; } = new Dictionary<string, long>();

    /// <summary>Settings that hold for every request.</summary>
    public GatewaySettings Settings { get; set; } = new();
}

/// <summary>Settings that hold for every request, whoever sends it.</summary>
public sealed record GatewaySettings
{
    /// <summary>Largest request body in bytes. Default 32 MiB; 1 KiB to 1 GiB.</summary>
    public long MaxRequestBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Deepest JSON nesting of a request. Default 64; 8 to 256.</summary>
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>Output tokens reserved for a request that names no cap, when the model's own limit is unknown. Default 4,096; 1 to 10,000,000.</summary>
    public int DefaultOutputTokens { get; set; } = 4096;

    /// <summary>What is held for the output of a request that names no cap. Default <see cref="OutputCapPolicy.ModelLimit"/>.</summary>
    public OutputCapPolicy OutputCap { get; set; } = OutputCapPolicy.ModelLimit;

    /// <summary>How the tokens of a prompt are bounded where its length in bytes alone would make a limit or a budget refuse. Default <see cref="PromptEstimatePolicy.Counted"/>.</summary>
    public PromptEstimatePolicy PromptEstimate { get; set; } = PromptEstimatePolicy.Counted;

    /// <summary>What happens to requests under way when their key is revoked, blocked or deleted. Default <see cref="RevokePolicy.Finish"/>.</summary>
    public RevokePolicy OnRevoke { get; set; } = RevokePolicy.Finish;

    /// <summary>
    /// Where requests name their end users, the first that does counts: <c>header</c> (<c>x-gateway-end-user</c>), <c>user</c> and <c>safety_identifier</c> of OpenAI's bodies,
    /// and <c>metadata.NAME</c> (of the body's metadata or the header <c>x-gateway-metadata</c>). At most 10; empty: end users are not known.
    /// </summary>
    public IReadOnlyList<string> EndUser { get; set; } = ["header", "safety_identifier", "user", "metadata.user_id"];

    /// <summary>What happens upstream when a caller goes away. Default <see cref="AbandonPolicy.Abort"/>.</summary>
    public AbandonPolicy OnAbandon { get; set; } = AbandonPolicy.Abort;

    /// <summary>What a call is charged whose provider worked on it and never told all that it used. Default <see cref="UnreportedPolicy.Seen"/>.</summary>
    public UnreportedPolicy Unreported { get; set; } = UnreportedPolicy.Seen;

    /// <summary>What is kept of requests. Default <see cref="RequestLogLevel.Metadata"/>.</summary>
    public RequestLogLevel RequestLog { get; set; } = RequestLogLevel.Metadata;

    /// <summary>What an entry of the request log holds.</summary>
    public RequestLogSettings RequestLogDetail { get; set; } = new();

    /// <summary>What a request to a model without a price gets when a budget stands above it. Default <see cref="UnpricedPolicy.Deny"/>.</summary>
    public UnpricedPolicy Unpriced { get; set; } = UnpricedPolicy.Deny;

    /// <summary>The price that <see cref="UnpricedPolicy.Assume"/> takes: a model of the built-in table as <c>provider/model</c>. Null: none, and <see cref="UnpricedPolicy.Assume"/> denies.</summary>
    public string? AssumedPrice { get; set; }

    /// <summary>Texts that no request may contain; empty by default. Matched without regard to case.</summary>
    public IReadOnlyList<string> BlockedTerms { get; set; } = [];

    /// <summary>What happens when the guardrail service does not answer. Default <see cref="FailPolicy.Closed"/>.</summary>
    public FailPolicy GuardrailFailure { get; set; } = FailPolicy.Closed;

    /// <summary>Where answers are looked for, on routes and for keys that do not say it. Default <see cref="CacheMode.Off"/>.</summary>
    public CacheMode Cache { get; set; } = CacheMode.Off;

    /// <summary>How answers are cached where routes and keys do not say it.</summary>
    public CachePolicyEntry CachePolicy { get; set; } = new();

    /// <summary>Where cached answers are kept.</summary>
    public CacheStorageSettings CacheStorage { get; set; } = new();

    /// <summary>True (default): answers to keys with rate limits say how these stand, in <c>x-ratelimit-*</c> or <c>anthropic-ratelimit-*</c>.</summary>
    public bool RateLimitHeaders { get; set; } = true;

    /// <summary>When deployments and credentials are left alone.</summary>
    public HealthSettings Health { get; set; } = new();
}

/// <summary>What a request to a model without a price gets when a budget stands above it.</summary>
public enum UnpricedPolicy
{
    /// <summary>402 with code <c>model_unpriced</c>.</summary>
    Deny = 1,

    /// <summary>Served, counted in tokens, and recorded as unpriced: never as a silent zero.</summary>
    Allow = 2,

    /// <summary>Billed by <see cref="GatewaySettings.AssumedPrice"/>, and recorded with a price version that says so.</summary>
    Assume = 3,
}

/// <summary>What a step does when what it depends on is down.</summary>
public enum FailPolicy
{
    /// <summary>The request is refused.</summary>
    Closed = 1,

    /// <summary>The request goes on without the step.</summary>
    Open = 2,
}

/// <summary>What is held for the output of a request that names no cap.</summary>
public enum OutputCapPolicy
{
    /// <summary>The most the model can produce, or <see cref="GatewaySettings.DefaultOutputTokens"/> where that is unknown. Nothing can go beyond it.</summary>
    ModelLimit = 1,

    /// <summary>What 95 of 100 answers of the model stayed below lately; a stream that goes beyond extends its hold, or ends where a budget refuses.</summary>
    Learnt = 2,

    /// <summary><see cref="GatewaySettings.DefaultOutputTokens"/>, which the request is sent on with as its cap.</summary>
    Set = 3,
}

/// <summary>What a call is charged that broke off, or was left, before its provider told all that it used. Either way the record says that it is an estimate.</summary>
public enum UnreportedPolicy
{
    /// <summary>The prompt as it is counted or estimated, and the text that came. The provider's bill may be higher: for what it made and could not deliver.</summary>
    Seen = 1,

    /// <summary>All that was held for the call: the bound of its prompt, and its whole output cap. The bill is not higher, as far as the bound holds.</summary>
    Bound = 2,
}

/// <summary>How the tokens of a prompt are bounded.</summary>
public enum PromptEstimatePolicy
{
    /// <summary>By its length in bytes: no token is shorter than one.</summary>
    Bytes = 1,

    /// <summary>Counted where the model's encoding is known, else by its length.</summary>
    Counted = 2,

    /// <summary>Counted where the encoding is known and the prompt is not long, else by an estimate that 99 of 100 prompts of late stayed below.</summary>
    Estimated = 3,
}

/// <summary>What happens upstream when a caller goes away in the middle of an answer.</summary>
public enum AbandonPolicy
{
    /// <summary>The call is broken off; what was used is counted from what had arrived, and the record says that it is an estimate.</summary>
    Abort = 1,

    /// <summary>The answer is read to its end, so that the provider's own usage is recorded.</summary>
    Drain = 2,
}
