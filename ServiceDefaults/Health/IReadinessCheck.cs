namespace Gateway.ServiceDefaults.Health;

/// <summary>One thing a service needs before it can do its work. Registered as a singleton; asked at most once a second.</summary>
public interface IReadinessCheck
{
    /// <summary>Name in the answer of <c>/health/ready</c>, for example <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>Looks. An exception counts as not ready; its message is logged but not shown.</summary>
    /// <param name="cancellationToken">Cancelled after 2 seconds, which counts as not ready.</param>
    ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken);
}
