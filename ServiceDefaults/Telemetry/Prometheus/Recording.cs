namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>What a measurement does to its series.</summary>
internal enum Recording
{
    /// <summary>Adds to it: counters, up-down counters, histograms.</summary>
    Add,

    /// <summary>Replaces it: gauges.</summary>
    Set,

    /// <summary>Is its value for this collection only: observable instruments.</summary>
    Observe,
}
