using Gateway.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ServiceDefaults.Health;

/// <summary>Registers readiness checks and maps the health endpoints.</summary>
public static class HealthExtensions
{
    /// <summary>Adds a check to <c>/health/ready</c>.</summary>
    /// <typeparam name="TCheck">The check.</typeparam>
    public static IServiceCollection AddReadinessCheck<TCheck>(this IServiceCollection services)
        where TCheck : class, IReadinessCheck
        => services.AddSingleton<IReadinessCheck, TCheck>();

    internal static void AddReadiness(this IServiceCollection services) => services.AddSingleton<Readiness>();

    internal static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", LiveAsync).Untraced();
        app.MapGet("/health/ready", ReadyAsync).Untraced();
    }

    // As RequestDelegate on purpose: no reflection, no parameter binding, in every service of the same cost.
    private static Task LiveAsync(HttpContext context)
    {
        var identity = context.RequestServices.GetRequiredService<ServiceIdentity>();
        return WriteAsync(context, new HealthReport("live", identity.Name, identity.Version, null), StatusCodes.Status200OK);
    }

    private static async Task ReadyAsync(HttpContext context)
    {
        var (report, ready) = await context.RequestServices.GetRequiredService<Readiness>().GetAsync(context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, report, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(report, HealthJson.Default.HealthReport, cancellationToken: context.RequestAborted);
    }
}
