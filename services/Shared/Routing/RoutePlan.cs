namespace Gateway.Routing;

/// <summary>Where a request goes: what the planner decided and why.</summary>
public sealed class RoutePlan<TTarget>
    where TTarget : PlanTarget
{
    /// <summary>The targets that may be called, in the order they are tried.</summary>
    public List<TTarget> Candidates { get; } = [];

    /// <summary>The last of the candidates: targets that rest after failures, in case no other answers.</summary>
    public List<TTarget> LastResorts { get; } = [];

    /// <summary>The targets that were left out.</summary>
    public List<SkippedTarget> Skipped { get; } = [];

    /// <summary>The targets that get a copy.</summary>
    public List<TTarget> Shadows { get; } = [];

    /// <summary>Name of the rule that decided, or null.</summary>
    public string? Rule { get; set; }

    /// <summary>Public name of the route the rule sends the request to, or null: then the rest is empty.</summary>
    public string? Redirect { get; set; }

    /// <summary>True when targets are left out only because the key may not reach their providers.</summary>
    public bool OnlyForbidden => Candidates.Count == 0 && Skipped.TrueForAll(static s => s.Kind is SkipKind.Forbidden or SkipKind.Canary or SkipKind.Rule);
}

/// <summary>A target that was left out.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="Kind">On what ground.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Until">When that ends, where known.</param>
public readonly record struct SkippedTarget(string DeploymentId, SkipKind Kind, string Reason, DateTimeOffset? Until);

/// <summary>On what ground a target is left out.</summary>
public enum SkipKind
{
    /// <summary>The key may not reach its provider.</summary>
    Forbidden = 1,

    /// <summary>A rule chose others.</summary>
    Rule = 2,

    /// <summary>It is a canary, and the session is not in its share.</summary>
    Canary = 3,

    /// <summary>It is known not to work at the moment.</summary>
    Unavailable = 4,

    /// <summary>A budget over its provider has no room.</summary>
    Budget = 5,
}
