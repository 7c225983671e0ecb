using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Settings;

/// <summary>Reads <c>telemetry</c> of the settings.</summary>
internal static class TelemetryFields
{
    private const int LongestMs = 86_400_000;
    private const long MostNanoUsd = 1_000_000_000_000_000;

    public static TelemetrySettings Read(ObjectReader reader)
    {
        var defaults = new TelemetrySettings();
        if (reader.Nested("telemetry") is not { } nested)
        {
            return defaults;
        }

        var settings = new TelemetrySettings
        {
            TraceRatio = nested.Number("traceRatio", 0, 1),
            TraceErrors = nested.Boolean("traceErrors", defaults.TraceErrors),
            TraceSlowMs = nested.Integer("traceSlowMs", 0, LongestMs, defaults.TraceSlowMs),
            TraceCostNanoUsd = nested.Integer("traceCostNanoUsd", 1, MostNanoUsd),
            TraceContent = nested.Boolean("traceContent", defaults.TraceContent),
            BaggageToProviders = nested.Boolean("baggageToProviders", defaults.BaggageToProviders),
            LogLevel = nested.Choice("logLevel", defaults.LogLevel),
            RequestLine = nested.Boolean("requestLine", defaults.RequestLine),
            ResponseHeaders = nested.Choice("responseHeaders", defaults.ResponseHeaders),
        };
        nested.Close();
        return settings;
    }
}
