using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Gateway.ServiceDefaults.Telemetry.Otlp;

/// <summary>
/// Completes the server's spans with route and status, which the server of .NET 10 leaves to an instrumentation package.
/// In the pipeline only when OTLP is on.
/// </summary>
internal sealed class RequestSpans : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(CompleteAsync);
        next(app);
    };

    private static async Task CompleteAsync(HttpContext context, RequestDelegate next)
    {
        var activity = context.Features.Get<IHttpActivityFeature>()?.Activity;
        if (activity is not { IsAllDataRequested: true })
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        try
        {
            await next(context).ConfigureAwait(false);
            Complete(context, activity, context.Response.StatusCode);
        }
        catch (Exception e)
        {
            Complete(context, activity, StatusCodes.Status500InternalServerError);
            activity.SetTag("error.type", e.GetType().FullName);
            throw;
        }
    }

    private static void Complete(HttpContext context, Activity activity, int status)
    {
        activity.SetTag("http.response.status_code", status);
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            activity.SetTag("http.route", route);
            activity.DisplayName = $"{context.Request.Method} {route}";
        }

        // By convention a server's span is in error only when the fault is the server's.
        if (status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }
}
