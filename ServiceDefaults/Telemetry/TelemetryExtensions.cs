using System.Diagnostics;
using Gateway.ServiceDefaults.Telemetry.Otlp;
using Gateway.ServiceDefaults.Telemetry.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    public static void AddTelemetry(this IHostApplicationBuilder builder, string serviceName)
    {
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<MetricRegistry>();
        builder.Services.AddSingleton<MetricListener>();
        builder.Services.AddHostedService(s => s.GetRequiredService<MetricListener>());
        builder.AddOtlp(serviceName);
    }

    public static void MapMetrics(this IEndpointRouteBuilder app) => app.MapGet("/metrics", MetricsAsync).Untraced();

    /// <summary>Keeps what probes and scrapers ask every few seconds out of the traces.</summary>
    public static void Untraced(this IEndpointConventionBuilder endpoint) => endpoint.Finally(e =>
    {
        var next = e.RequestDelegate!;
        e.RequestDelegate = context =>
        {
            if (Activity.Current is { } activity)
            {
                activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
                activity.IsAllDataRequested = false;
            }

            return next(context);
        };
    });

    private static async Task MetricsAsync(HttpContext context)
    {
        var listener = context.RequestServices.GetRequiredService<MetricListener>();
        var format = ExpositionFormats.Choose(context.Request.Headers.Accept);
        context.Response.ContentType = ExpositionFormats.ContentType(format);
        context.Response.Headers.Vary = "Accept";
        context.Response.Headers.CacheControl = "no-store";
        listener.Collect(context.Response.BodyWriter, format);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
