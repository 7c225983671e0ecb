using Gateway.Contracts.Configuration;

namespace Gateway.Routing;

/// <summary>A target as the planner sees it: its settings, and how it fares at the moment.</summary>
public abstract class PlanTarget(RouteTarget entry, string providerId)
{
    /// <summary>Its settings.</summary>
    public RouteTarget Entry { get; } = entry;

    /// <summary>Id of the deployment.</summary>
    public string DeploymentId => Entry.DeploymentId;

    /// <summary>Id of its provider.</summary>
    public string ProviderId { get; } = providerId;

    /// <summary>Hash of the deployment's id, for rendezvous hashing.</summary>
    public ulong Hash { get; } = StableHash.Of(entry.DeploymentId);

    /// <summary>Calls under way.</summary>
    public abstract int InFlight { get; }

    /// <summary>Average of recent times to the first token in milliseconds; null without a recent one.</summary>
    public abstract double? FirstTokenMs { get; }

    /// <summary>True when an unavailable target may still be tried after all others: it rests because of failures, and nobody has asked for that.</summary>
    public abstract bool IsLastResort { get; }

    /// <summary>Why it may not be called at the moment, or null.</summary>
    /// <param name="until">When that ends, where known.</param>
    public abstract string? Unavailable(out DateTimeOffset? until);
}
