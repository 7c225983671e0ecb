namespace Gateway.ControlPlane;

/// <summary>Waits of the <see cref="SnapshotClient"/>.</summary>
internal sealed record SnapshotClientOptions
{
    /// <summary>By what name governance is to know who asks; null, also for the moment: by the address.</summary>
    public Func<string?>? Name { get; init; }

    /// <summary>How long governance may hold a question open. Default 25 s; whole seconds, 1 to 60.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How much longer than <see cref="Hold"/> an answer may take. Default 10 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait after the first failure; doubled after each further one, with up to a quarter taken off at random. Default 50 ms.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait. Default 2 s, so that a governance that restarts is followed in about 1 s.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Shortest time between two writings of the configuration to disk. Default 5 s.</summary>
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromSeconds(5);
}
