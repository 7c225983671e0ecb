using System.Diagnostics;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Telemetry;

/// <summary>Spans of requests that the edge only passes on to other services: the admin API, the dashboard, MCP.</summary>
internal static class ForeignSpans
{
    /// <summary>Serves a request inside a span, where it is traced.</summary>
    public static async Task RunAsync(HttpContext http, RequestDelegate next, GatewayModel? model)
    {
        using var span = IsUntraced(http.Request.Path) ? null : Start(http, model);
        await next(http).ConfigureAwait(false);
        if (span is null)
        {
            return;
        }

        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static Activity? Start(HttpContext http, GatewayModel? model)
    {
        var parent = EdgeTracing.Caller(http);
        if (!TraceSampling.IsTaken(model?.Settings.Telemetry ?? new(), parent, Random.Shared.NextInt64()))
        {
            return null;
        }

        var into = parent.TraceId == default ? new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded) : parent;
        // The first part of the address says which service; the rest names things, of which there may be many.
        var path = http.Request.Path.Value ?? "/";
        var second = path.Length > 1 ? path.IndexOf('/', 1) : -1;
        var route = second < 0 ? path : path[..second] + "/{rest}";
        var span = EdgeTracing.Source.StartActivity($"{http.Request.Method} {route}", ActivityKind.Server, into);
        span?.SetTag("http.request.method", http.Request.Method);
        span?.SetTag("http.route", route);
        span?.SetTag("url.scheme", http.Request.Scheme);
        return span;
    }

    // What probes and scrapers ask every few seconds.
    private static bool IsUntraced(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");
}
