namespace Gateway.ServiceDefaults.Drain;

/// <summary>Where the service stands in a graceful stop.</summary>
public interface IDrain
{
    /// <summary>True from the first moment of the stop: readiness answers 503.</summary>
    bool IsDraining { get; }

    /// <summary>
    /// Cancelled when the stop begins. What only waits (a long poll, a queue) ends on it; a running answer must not, it
    /// has until <see cref="Deadline"/>.
    /// </summary>
    CancellationToken Started { get; }

    /// <summary>
    /// Cancelled when running requests and streams have used up their time: end them now, with an error event where the
    /// protocol has one. Their connections are cut half a second later.
    /// </summary>
    CancellationToken Deadline { get; }
}
