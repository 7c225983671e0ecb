using Gateway.Contracts.Cache;

namespace Gateway.Contracts.Health;

/// <summary>
/// Body of <c>POST /internal/health</c>: what one edge knows of deployments and credentials. It replaces the edge's report before. The answer is a
/// <see cref="SharedHealth"/>: what the others know.
/// </summary>
public sealed record HealthReport
{
    /// <summary>The edge that reports.</summary>
    public required string EdgeId { get; init; }

    /// <summary>Deployments it has called or leaves alone; at most 10,000.</summary>
    public IReadOnlyList<DeploymentReport> Deployments { get; set; } = [];

    /// <summary>Credentials it leaves alone; at most 10,000.</summary>
    public IReadOnlyList<CredentialReport> Credentials { get; set; } = [];

    /// <summary>What its cache has done; null from an edge that has none.</summary>
    public EdgeCacheReport? Cache { get; set; }
}

/// <summary>How a deployment fares on one edge.</summary>
public sealed record DeploymentReport
{
    /// <summary>The deployment.</summary>
    public required string Id { get; init; }

    /// <summary>Until when it rests, or null when it does not.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>Why, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>True when it may still be tried after all others.</summary>
    public bool LastResort { get; init; }

    /// <summary>Average of recent times to the first token in milliseconds, or null.</summary>
    public double? FirstTokenMs { get; init; }

    /// <summary>Calls under way.</summary>
    public int InFlight { get; init; }
}

/// <summary>How a credential fares on one edge.</summary>
public sealed record CredentialReport
{
    /// <summary>The credential.</summary>
    public required string Id { get; init; }

    /// <summary>Tells one secret of that id from another; is no secret itself.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Why it is retired, or null when it only cools.</summary>
    public string? Retired { get; init; }

    /// <summary>Until when it cools, or null.</summary>
    public DateTimeOffset? CoolsUntil { get; init; }
}

/// <summary>What the other edges have reported of late.</summary>
public sealed record SharedHealth
{
    /// <summary>Their reports.</summary>
    public IReadOnlyList<HealthReport> Edges { get; set; } = [];
}
