using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;

namespace Gateway.ServiceDefaults.Telemetry.Otlp;

/// <summary>Traces, metrics and logs over OTLP, only where an address to send them to is given.</summary>
internal static class OtlpExtensions
{
    private const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddOtlp(this IHostApplicationBuilder builder, string serviceName)
    {
        var endpoint = builder.Configuration[EndpointKey];
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            return;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new InvalidOperationException($"{EndpointKey} is '{endpoint}': it must be an absolute http or https address, for example http://localhost:4317.");
        }

        // Lets the server name method, path and address in its spans; RequestSpans adds what only the answer shows.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        var identity = new ServiceIdentity(serviceName);
        var instance = Guid.NewGuid().ToString();
        builder.Services.AddSingleton(new OtlpResource(resource => Describe(resource, identity, instance)));
        builder.Services.AddHostedService<OtlpProviders>();
        builder.Services.AddSingleton<IStartupFilter, RequestSpans>();
        if (IsOff(builder.Configuration, "LOGS"))
        {
            return;
        }

        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.ParseStateValues = true;
            logs.SetResourceBuilder(Describe(ResourceBuilder.CreateEmpty(), identity, instance));
            logs.AddOtlpExporter();
        });

        // What the exporter says about its own failures must not be sent through the exporter.
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>("OpenTelemetry", LogLevel.None);
    }

    /// <summary>True when a signal is not to be sent, as <c>OTEL_…_EXPORTER=none</c> says: some receivers take traces only.</summary>
    internal static bool IsOff(IConfiguration configuration, string signal) => string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase);

    // The variables come last and win: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are the operator's word.
    private static ResourceBuilder Describe(ResourceBuilder resource, ServiceIdentity identity, string instance) => resource
        .Clear()
        .AddService(identity.Name, "gateway", identity.Version, autoGenerateServiceInstanceId: false, instance)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();
}

/// <summary>Describes this process in traces and metrics.</summary>
internal sealed record OtlpResource(Action<ResourceBuilder> Describe);
