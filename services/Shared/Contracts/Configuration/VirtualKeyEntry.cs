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

    /// <summary>The key as it was before the last rotation, as <see cref="Sha256"/>; accepted until <see cref="PreviousUntil"/>. Null: there is none.</summary>
    public string? PreviousSha256 { get; init; }

    /// <summary>From when on the key before the last rotation is refused; null with no <see cref="PreviousSha256"/>.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>The team it belongs to, or null. A key of a user without one belongs to the user's team.</summary>
    public string? TeamId { get; init; }

    /// <summary>The user it belongs to, or null.</summary>
    public string? UserId { get; init; }

    /// <summary>The customer it belongs to, or null. A key of a team or user without one belongs to theirs; one that contradicts them is an error.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Free labels, which budgets, limits and reports can select by. At most 50 of 64 characters: letters, digits, <c>_ - . : /</c>.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>False for a blocked key. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>From when on the key is refused, or null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Public model names the key may use, a trailing <c>*</c> allowed; empty: all.</summary>
    public IReadOnlyList<string> AllowedModels { get; set; } = [];

    /// <summary>Model routes the key may use, by the route's own name, a trailing <c>*</c> allowed; empty: all. Both this and <see cref="AllowedModels"/> must allow.</summary>
    public IReadOnlyList<string> AllowedRoutes { get; set; } = [];

    /// <summary>Tools of the MCP hub the key may see and call, as <c>server/tool</c>, each part with <c>*</c> allowed; empty: all that policies allow.</summary>
    public IReadOnlyList<string> McpTools { get; set; } = [];

    /// <summary>Tools of the MCP hub that the key's chat requests get; null: as their route says.</summary>
    public McpChatEntry? McpChat { get; init; }

    /// <summary>Guardrail policies that hold for the key besides those that hold for everybody; ids.</summary>
    public IReadOnlyList<string> GuardrailPolicies { get; set; } = [];

    /// <summary>What is kept of the key's requests; null: as <see cref="GatewaySettings.RequestLog"/> says.</summary>
    public RequestLogLevel? RequestLog { get; init; }

    /// <summary>What happens to the key's streams when it is revoked, blocked or deleted; null: as <see cref="GatewaySettings.OnRevoke"/> says.</summary>
    public RevokePolicy? OnRevoke { get; init; }

    /// <summary>What is held for the output of the key's requests that name no cap; null: as their route says, or else <see cref="GatewaySettings.OutputCap"/>.</summary>
    public OutputCapPolicy? OutputCap { get; init; }

    /// <summary>Takes the place of <see cref="GatewaySettings.DefaultOutputTokens"/> for the key's requests; null: as their route or the settings say. 1 to 10,000,000.</summary>
    public int? DefaultOutputTokens { get; init; }

    /// <summary>Providers the key may reach; empty: all.</summary>
    public IReadOnlyList<string> AllowedProviders { get; set; } = [];

    /// <summary>Client addresses the key may be used from, as CIDR ranges; empty: any.</summary>
    public IReadOnlyList<string> AllowedIps { get; set; } = [];

    /// <summary>Keys that the request's <c>metadata</c> object must have; empty: none.</summary>
    public IReadOnlyList<string> RequiredMetadata { get; set; } = [];

    /// <summary>Rate limits of the key itself.</summary>
    public RateLimitEntry Limits { get; set; } = new();

    /// <summary>The highest priority that the key's requests may have, and theirs when they name none. Default <see cref="PriorityClass.Normal"/>.</summary>
    public PriorityClass Priority { get; set; } = PriorityClass.Normal;

    /// <summary>Budgets that stand over the key, besides those that stand over its team, user and customer.</summary>
    public IReadOnlyList<string> BudgetIds { get; set; } = [];

    /// <summary>Routes that this key's requests take instead of those of the models they name, the first that matches. At most 100; default none.</summary>
    public IReadOnlyList<KeyRoute> Routes { get; set; } = [];

    /// <summary>How answers to the key's requests are cached; null: as the route and the settings say.</summary>
    public CachePolicyEntry? Cache { get; init; }
}

/// <summary>What happens to requests under way when their key stops being valid.</summary>
public enum RevokePolicy
{
    /// <summary>They come to their end.</summary>
    Finish = 1,

    /// <summary>They are broken off with an error event in the caller's dialect, and settled for what was used.</summary>
    Cut = 2,
}

/// <summary>What is kept of a request. Numbers are persisted: append only.</summary>
public enum RequestLogLevel
{
    /// <summary>Nothing but the usage record, which the ledger needs.</summary>
    None = 1,

    /// <summary>Everything about it except what was said.</summary>
    Metadata = 2,

    /// <summary>Also prompt and answer, after redaction.</summary>
    Bodies = 3,
}
