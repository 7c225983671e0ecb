using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.ServiceDefaults;

/// <summary>What every service of the gateway has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds telemetry, health, service discovery, the internal token and graceful drain.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="serviceName">Name in telemetry and discovery, for example <c>edge</c>.</param>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        builder.Services.AddSingleton(TimeProvider.System);
        return builder;
    }

    /// <summary>Maps <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
    public static IEndpointRouteBuilder MapDefaultEndpoints(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapGet("/health/live", () => "live");
        app.MapGet("/health/ready", () => "ready");
        return app;
    }
}
