namespace Gateway.ServiceDefaults.Telemetry;

/// <summary>What is measured and traced. Change it with <c>services.Configure&lt;TelemetryOptions&gt;(…)</c>; names may end in <c>*</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// Meters shown at <c>/metrics</c> and sent over OTLP. By default the gateway's own and the runtime's, which costs
    /// nothing between two readings; the meters of Kestrel and HttpClient are left out because they cost on every request.
    /// </summary>
    public IList<string> Meters { get; } = ["Gateway.*", "System.Runtime"];

    /// <summary>Activity sources sent over OTLP; listened to only when OTLP is on.</summary>
    public IList<string> ActivitySources { get; } = ["Gateway.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    /// <summary>
    /// True: the service decides itself which requests are traced, and <c>OTEL_TRACES_SAMPLER</c> is its own to read; whatever has no parent that is traced is not. Default false:
    /// the SDK's sampler decides.
    /// </summary>
    public bool DecidesTraces { get; set; }

    /// <summary>
    /// Label combinations kept per instrument at <c>/metrics</c>; further ones are added up in one series labelled
    /// <c>overflow="true"</c>. Default 2,000; at least 1.
    /// </summary>
    public int MaxSeriesPerInstrument { get; set; } = 2000;
}
