using System.Diagnostics;
using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>Which requests are traced: a share from their start, and at their end those that somebody will want to look at.</summary>
internal static class TraceSampling
{
    private static readonly double _environment = OfEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>True when a request is traced from its start: as its caller decided, else by the share.</summary>
    /// <param name="settings">What is configured.</param>
    /// <param name="parent">The caller's trace, or default.</param>
    /// <param name="draw">A number drawn for a request that has no trace of its caller's.</param>
    public static bool IsTaken(TelemetrySettings settings, in ActivityContext parent, long draw)
    {
        if (parent.TraceId != default)
        {
            return (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0;
        }

        var ratio = settings.TraceRatio ?? _environment;
        return ratio >= 1 || (ratio > 0 && (draw & long.MaxValue) < ratio * long.MaxValue);
    }

    /// <summary>True when a request that was not traced from its start is worth it at its end.</summary>
    /// <param name="context">The request, settled.</param>
    /// <param name="costNanoUsd">What it cost.</param>
    /// <param name="elapsed">How long it took.</param>
    public static bool IsKept(RequestContext context, long costNanoUsd, TimeSpan elapsed)
    {
        var settings = context.Settings.Telemetry;
        return (settings.TraceErrors && IsFault(context))
            || (settings.TraceSlowMs > 0 && elapsed.TotalMilliseconds >= settings.TraceSlowMs)
            || (settings.TraceCostNanoUsd is { } most && costNanoUsd >= most);
    }

    /// <summary>True when something failed that is not the caller's own fault.</summary>
    public static bool IsFault(RequestContext context) => context.Outcome switch
    {
        RequestOutcome.UpstreamUnavailable or RequestOutcome.UpstreamCut or RequestOutcome.GatewayStopped => true,
        RequestOutcome.UpstreamError => context.Status is >= 500 or 429 or 401 or 403 || context.Status < 400,
        RequestOutcome.Rejected => context.Failure is { Row.Fault: not Fault.Client } && context.Status >= 500,
        _ => false,
    };

    /// <summary>The share that the variables of OpenTelemetry ask for.</summary>
    internal static double OfEnvironment(Func<string, string?> variable)
    {
        var sampler = variable("OTEL_TRACES_SAMPLER") ?? "";
        return sampler switch
        {
            "always_off" or "parentbased_always_off" => 0,
            "traceidratio" or "parentbased_traceidratio" =>
                double.TryParse(variable("OTEL_TRACES_SAMPLER_ARG"), NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 ? share : 1,
            _ => 1,
        };
    }
}
