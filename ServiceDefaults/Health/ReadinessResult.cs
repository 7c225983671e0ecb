namespace Gateway.ServiceDefaults.Health;

/// <summary>What a readiness check found.</summary>
/// <param name="Status">The finding.</param>
/// <param name="Detail">A few words for the operator, never a secret; null for none.</param>
public readonly record struct ReadinessResult(ReadinessStatus Status, string? Detail = null)
{
    /// <summary>All is well.</summary>
    public static ReadinessResult Ready() => new(ReadinessStatus.Ready);

    /// <summary>Works, with something missing: reported, but the service stays ready.</summary>
    public static ReadinessResult Degraded(string detail) => new(ReadinessStatus.Degraded, detail);

    /// <summary>Cannot do its work: <c>/health/ready</c> answers 503.</summary>
    public static ReadinessResult NotReady(string detail) => new(ReadinessStatus.NotReady, detail);
}

/// <summary>Findings of a readiness check, from best to worst.</summary>
public enum ReadinessStatus
{
    /// <summary>All is well.</summary>
    Ready,

    /// <summary>Works, with something missing.</summary>
    Degraded,

    /// <summary>Cannot do its work.</summary>
    NotReady,
}
