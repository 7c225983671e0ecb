namespace Gateway.Contracts.Configuration;

/// <summary>What edges tell of requests: in traces, in their log, and in headers of answers. In force on every edge as soon as the snapshot is.</summary>
public sealed record TelemetrySettings
{
    /// <summary>
    /// Share of requests that are traced from their start, 0 to 1. A caller's own decision (<c>traceparent</c>) goes before it. Null: what <c>OTEL_TRACES_SAMPLER</c> says, and else all.
    /// </summary>
    public double? TraceRatio { get; set; }

    /// <summary>True (default): requests that failed by the gateway's or a provider's fault are traced whatever the share is.</summary>
    public bool TraceErrors { get; set; } = true;

    /// <summary>Requests that took at least so many milliseconds are traced whatever the share is. Default 30,000; 0: none for that; 0 to 86,400,000.</summary>
    public int TraceSlowMs { get; set; } = 30_000;

    /// <summary>Requests that cost at least so much, in nano-US-dollars, are traced whatever the share is. Null (default): none for that.</summary>
    public long? TraceCostNanoUsd { get; set; }

    /// <summary>
    /// True: traces carry what was said, as the request log keeps it (redacted), and only of requests whose request log keeps bodies. Default false. No environment variable
    /// changes it.
    /// </summary>
    public bool TraceContent { get; set; }

    /// <summary>True: the caller's <c>baggage</c> is passed on to providers too, not only to the gateway's own services. Default false: it may name people.</summary>
    public bool BaggageToProviders { get; set; }

    /// <summary>Least severe messages in the log of every service. Default <see cref="GatewayLogLevel.AsStarted"/>.</summary>
    public GatewayLogLevel LogLevel { get; set; } = GatewayLogLevel.AsStarted;

    /// <summary>True: one line for each request in the log of the edge, at the level info. Default false.</summary>
    public bool RequestLine { get; set; }

    /// <summary>Which <c>x-gateway-*</c> headers answers have. Default <see cref="ResponseHeaderLevel.Full"/>.</summary>
    public ResponseHeaderLevel ResponseHeaders { get; set; } = ResponseHeaderLevel.Full;
}

/// <summary>Least severe messages that are logged.</summary>
public enum GatewayLogLevel
{
    /// <summary>What the process was started with.</summary>
    AsStarted = 1,

    /// <summary>Everything, for the search of a fault.</summary>
    Debug = 2,

    /// <summary>What happens in the normal course.</summary>
    Information = 3,

    /// <summary>What somebody should look at.</summary>
    Warning = 4,

    /// <summary>What went wrong.</summary>
    Error = 5,

    /// <summary>Nothing.</summary>
    None = 6,
}

/// <summary>Which <c>x-gateway-*</c> headers answers have.</summary>
public enum ResponseHeaderLevel
{
    /// <summary>The id of the request only, by which it is found again.</summary>
    Minimal = 1,

    /// <summary>Also provider, attempts where there were several, cache and guardrail outcome.</summary>
    Basic = 2,

    /// <summary>Also route, cost and the gateway's own time.</summary>
    Full = 3,
}
