namespace Gateway.ServiceDefaults.Drain;

/// <summary>How long the steps of a graceful stop may take.</summary>
public sealed record DrainOptions
{
    /// <summary>Configuration key of <see cref="Requests"/>, in whole seconds.</summary>
    public const string DrainSecondsKey = "Gateway:DrainSeconds";

    /// <summary>Configuration key of <see cref="Delay"/>, in whole seconds.</summary>
    public const string DelaySecondsKey = "Gateway:DrainDelaySeconds";

    /// <summary>
    /// How long the service still accepts new requests while its readiness already answers 503, so that load balancers
    /// turn away before the port closes. Default 0; 0 to 60 seconds.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long running requests and streams may go on after the port has closed. Default 25 seconds, in development 3; 0 to 600.</summary>
    public TimeSpan Requests { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Between <see cref="IDrain.Deadline"/> and the cutting of connections: time for a stream to write its error event.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long all <see cref="IDrainParticipant"/>s together may take. 5 seconds, in development 1.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(5);
}
