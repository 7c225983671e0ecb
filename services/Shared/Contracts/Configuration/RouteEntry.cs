namespace Gateway.Contracts.Configuration;

/// <summary>A model route: the public model name, and where requests for it go.</summary>
public sealed record RouteEntry
{
    /// <summary>Public model name. One <c>*</c> makes it a pattern, for example <c>openai/*</c>; an exact name wins over a pattern, the longer pattern over the shorter.</summary>
    public required string Name { get; init; }

    /// <summary>Further public names and patterns of the same route, at most 50. Default none.</summary>
    public IReadOnlyList<string> Aliases { get; set; } = [];

    /// <summary>How targets are ordered. Default <see cref="RouteStrategy.Priority"/>.</summary>
    public RouteStrategy Strategy { get; set; } = RouteStrategy.Priority;

    /// <summary>At least one target that is no shadow.</summary>
    public required IReadOnlyList<RouteTarget> Targets { get; init; }

    /// <summary>Most calls made for one request, the first, retries and hedges included. Default 3; 1 to 10.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// What names a session for <see cref="RouteStrategy.Sticky"/> and canaries, the first that a request has: <c>header:NAME</c>, <c>metadata:NAME</c>,
    /// <c>user</c> (the body's end user), <c>key</c>. Default <c>user</c>, then <c>key</c>.
    /// </summary>
    public IReadOnlyList<string> StickyBy { get; set; } = ["user", "key"];

    /// <summary>Conditional rules, in order. Default none.</summary>
    public IReadOnlyList<RouteRule> Rules { get; set; } = [];

    /// <summary>Limits on the phases of a call that replace the provider's.</summary>
    public RouteTimeouts Timeouts { get; set; } = new();

    /// <summary>Retries of the same deployment before the next one is tried.</summary>
    public RetryEntry Retry { get; set; } = new();

    /// <summary>Hedged requests.</summary>
    public HedgeEntry Hedge { get; set; } = new();

    /// <summary>Public names of routes that are tried when no target answers. Default none.</summary>
    public IReadOnlyList<string> Fallbacks { get; set; } = [];

    /// <summary>Public names of routes that are tried when the prompt does not fit the model's window. Default none.</summary>
    public IReadOnlyList<string> ContextWindowFallbacks { get; set; } = [];

    /// <summary>Public names of routes that are tried when a provider's filter refused the request. Default none.</summary>
    public IReadOnlyList<string> ContentPolicyFallbacks { get; set; } = [];

    /// <summary>What happens with what a target's dialect cannot express. Default <see cref="UnsupportedPolicy.Drop"/>.</summary>
    public UnsupportedPolicy Unsupported { get; set; } = UnsupportedPolicy.Drop;

    /// <summary>What happens with a chat stream that breaks off after its first byte. Default <see cref="CutPolicy.Error"/>.</summary>
    public CutPolicy OnCut { get; set; } = CutPolicy.Error;

    /// <summary>How answers of the route are cached; null: as the settings say.</summary>
    public CachePolicyEntry? Cache { get; init; }

    /// <summary>
    /// What is held for the output of requests for this route that name no cap; null: as <see cref="GatewaySettings.OutputCap"/> says. A key's own policy stands before it. It stays with a
    /// request that goes on to another route.
    /// </summary>
    public OutputCapPolicy? OutputCap { get; init; }

    /// <summary>Takes the place of <see cref="GatewaySettings.DefaultOutputTokens"/> for requests for this route; null: as the settings say. 1 to 10,000,000.</summary>
    public int? DefaultOutputTokens { get; init; }

    /// <summary>Tools of the MCP hub that chat requests for the route get; null: none. A key's own setting stands before it.</summary>
    public McpChatEntry? McpChat { get; init; }

    /// <summary>Guardrail policies that hold for the route's requests besides those that select them. Default none.</summary>
    public IReadOnlyList<string> GuardrailPolicies { get; set; } = [];
}

/// <summary>One target of a route.</summary>
public sealed record RouteTarget
{
    /// <summary>The deployment called.</summary>
    public required string DeploymentId { get; init; }

    /// <summary>Share among targets of the same priority, for <see cref="RouteStrategy.Weighted"/> and <see cref="RouteStrategy.Sticky"/>. Default 1; 0 to 1,000 (0: fallback only).</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Lower is tried first. Default 0; 0 to 100.</summary>
    public int Priority { get; init; }

    /// <summary>Makes the target a canary: the percentage of sessions that go to it first, and only those. Default null; 0 to 100.</summary>
    public int? CanaryPercent { get; init; }

    /// <summary>Makes the target a shadow: the percentage of requests that are copied to it and whose answers nobody sees. Default null; 0 to 100.</summary>
    public int? ShadowPercent { get; init; }
}

/// <summary>How the targets of a route are ordered. Numbers are persisted: append only.</summary>
public enum RouteStrategy
{
    /// <summary>By priority, then in the order written.</summary>
    Priority = 1,

    /// <summary>By priority; among equals at random by weight.</summary>
    Weighted = 2,

    /// <summary>By priority; among equals each in turn.</summary>
    RoundRobin = 3,

    /// <summary>By priority; among equals the one with the lowest time to the first token first, those without a recent figure before.</summary>
    LowestLatency = 4,

    /// <summary>By priority; among equals the one with the fewest calls under way first.</summary>
    LeastInFlight = 5,

    /// <summary>By priority; among equals the one on which the request is estimated to cost least first.</summary>
    LowestCost = 6,

    /// <summary>By priority; among equals the same order for the same session, shared by weight.</summary>
    Sticky = 7,
}

/// <summary>What happens with members of a request that a target's dialect cannot express. Numbers are persisted: append only.</summary>
public enum UnsupportedPolicy
{
    /// <summary>They are left out and listed in <c>x-gateway-dropped</c>.</summary>
    Drop = 1,

    /// <summary>The request is refused with 400 and the list.</summary>
    Reject = 2,
}

/// <summary>What happens with a chat stream that breaks off after its first byte. Numbers are persisted: append only.</summary>
public enum CutPolicy
{
    /// <summary>It ends with an error event.</summary>
    Error = 1,

    /// <summary>Another target of the route goes on where it stopped, where that is possible; else it ends with an error event.</summary>
    Continue = 2,
}
