using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Keys;

/// <summary>A virtual key as the admin API takes it.</summary>
public record KeyInput
{
    /// <summary>Unique id; made when left out.</summary>
    public string? Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>The team it belongs to, or null. A key of a user without one belongs to the user's team.</summary>
    public string? TeamId { get; init; }

    /// <summary>The user it belongs to, or null.</summary>
    public string? UserId { get; init; }

    /// <summary>The customer it belongs to, or null. A key of a team or user without one belongs to theirs.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Free labels, which budgets, limits and reports can select by. At most 50 of 64 characters: letters, digits, <c>- _ . : /</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>False for a blocked key. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>From when on the key is refused, or null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Public model names the key may use, a trailing <c>*</c> allowed; empty: all.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>Model routes the key may use, by their own names, a trailing <c>*</c> allowed; empty: all.</summary>
    public IReadOnlyList<string> AllowedRoutes { get; init; } = [];

    /// <summary>Tools of the MCP hub the key may see and call, as <c>server/tool</c>, each part with <c>*</c> allowed; empty: all that policies allow.</summary>
    public IReadOnlyList<string> McpTools { get; init; } = [];

    /// <summary>Tools of the MCP hub that the key's chat requests get; null: as their route says.</summary>
    public McpChatEntry? McpChat { get; init; }

    /// <summary>Guardrail policies that hold for the key besides those that hold for everybody; ids.</summary>
    public IReadOnlyList<string> GuardrailPolicies { get; init; } = [];

    /// <summary>What is kept of the key's requests; null: as the settings say.</summary>
    public RequestLogLevel? RequestLog { get; init; }

    /// <summary>What happens to the key's requests under way when it is revoked, blocked or deleted; null: as the settings say.</summary>
    public RevokePolicy? OnRevoke { get; init; }

    /// <summary>What is held for the output of the key's requests that name no cap; null: as their route or the settings say.</summary>
    public OutputCapPolicy? OutputCap { get; init; }

    /// <summary>Output tokens that are held, or set as the cap, where that policy needs a figure; null: as the route or the settings say. 1 to 10,000,000.</summary>
    public int? DefaultOutputTokens { get; init; }

    /// <summary>Providers the key may reach; empty: all.</summary>
    public IReadOnlyList<string> AllowedProviders { get; init; } = [];

    /// <summary>Client addresses the key may be used from, as addresses or CIDR ranges; empty: any.</summary>
    public IReadOnlyList<string> AllowedIps { get; init; } = [];

    /// <summary>Keys that the request's <c>metadata</c> object must have; empty: none.</summary>
    public IReadOnlyList<string> RequiredMetadata { get; init; } = [];

    /// <summary>Rate limits of the key itself.</summary>
    public RateLimitEntry Limits { get; init; } = new();

    /// <summary>The highest priority that the key's requests may have, and theirs when they name none.</summary>
    public PriorityClass Priority { get; init; } = PriorityClass.Normal;

    /// <summary>Budgets that stand over the key, besides those over its team, user and customer.</summary>
    public IReadOnlyList<string> BudgetIds { get; init; } = [];

    /// <summary>Routes that this key's requests take instead of those of the models they name, the first that matches.</summary>
    public IReadOnlyList<KeyRoute> Routes { get; init; } = [];

    /// <summary>How answers to the key's requests are cached; null: as the route and the settings say.</summary>
    public CachePolicyEntry? Cache { get; init; }
}

/// <summary>A virtual key as the admin API gives it: never with the key itself.</summary>
public record KeyView : KeyInput
{
    /// <summary>The start of the key, by which people recognise it.</summary>
    [JsonPropertyOrder(1)]
    public required string Prefix { get; init; }

    /// <summary>Until when the value before the last rotation is accepted; absent when there was no rotation with an overlap.</summary>
    [JsonPropertyOrder(1)]
    public DateTimeOffset? PreviousUntil { get; init; }
}

/// <summary>A virtual key that was just made.</summary>
public sealed record KeyCreated : KeyView
{
    /// <summary>The key itself. Shown here only: the gateway keeps its SHA-256 alone.</summary>
    public required string Key { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyView))]
internal sealed partial class KeyJson : JsonSerializerContext;
