namespace Gateway.Contracts.Configuration;

/// <summary>A model route: the public model name, and where requests for it go.</summary>
public sealed record RouteEntry
{
    /// <summary>Public model name. One trailing <c>*</c> makes it a prefix pattern, for example <c>openai/*</c>; an exact name wins over a pattern, the longer pattern over the shorter.</summary>
    public required string Name { get; init; }

    /// <summary>How targets are ordered. Default <see cref="RouteStrategy.Priority"/>.</summary>
    public RouteStrategy Strategy { get; set; } = RouteStrategy.Priority;

    /// <summary>At least one target.</summary>
    public required IReadOnlyList<RouteTarget> Targets { get; init; }

    /// <summary>Most calls made for one request, the first included. Default 3; 1 to 10.</summary>
    public int MaxAttempts { get; set; } = 3;
}

/// <summary>One target of a route.</summary>
public sealed record RouteTarget
{
    /// <summary>The deployment called.</summary>
    public required string DeploymentId { get; init; }

    /// <summary>Share among targets of the same priority, for <see cref="RouteStrategy.Weighted"/>. Default 1; 0 to 1,000 (0: fallback only).</summary>
    public int Weight { get; set; } = 1;

    /// <summary>Lower is tried first. Default 0; 0 to 100.</summary>
    public int Priority { get; init; }
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
}
