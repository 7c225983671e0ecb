using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>settings.telemetry</c>.</summary>
internal static class TelemetrySection
{
    private const decimal NanoUsd = 1_000_000_000m;

    public static TelemetrySettings Read(SectionReader section) => new()
    {
        TraceRatio = (double?)section.Amount("traceRatio"),
        TraceErrors = section.Flag("traceErrors"),
        TraceSlowMs = section.Int("traceSlowMs"),
        TraceCostNanoUsd = section.Amount("traceCostUsd") is { } cost ? (long)(cost * NanoUsd) : null,
        TraceContent = section.Flag("traceContent"),
        BaggageToProviders = section.Flag("baggageToProviders"),
        LogLevel = (GatewayLogLevel)(section.Choice("logLevel") + 1),
        RequestLine = section.Flag("requestLine"),
        ResponseHeaders = (ResponseHeaderLevel)(section.Choice("responseHeaders") + 1),
    };
}
