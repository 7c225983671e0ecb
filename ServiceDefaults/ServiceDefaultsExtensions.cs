using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Drain;
using Gateway.ServiceDefaults.Health;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Logging;
using Gateway.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Gateway.ServiceDefaults;

/// <summary>What every service of the gateway has in common.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Adds logging, telemetry, health, service discovery, the internal token and graceful drain.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="serviceName">Name in telemetry and discovery, for example <c>edge</c>.</param>
    /// <exception cref="InvalidOperationException">A setting has a value that is not legal; the message names the key and the legal values.</exception>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new ServiceIdentity(serviceName));

        // Hosted services stop in reverse: telemetry comes first so that it flushes after all else has had its say.
        builder.AddSlimConsole();
        builder.AddTelemetry(serviceName);
        builder.AddDrain();
        builder.Services.AddReadiness();
        builder.Services.AddServiceAddresses();
        builder.Services.AddSingleton<InternalToken>();
        return builder;
    }

    /// <summary>Maps <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>. They need no key and carry no trace.</summary>
    public static IEndpointRouteBuilder MapDefaultEndpoints(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.MapHealth();
        app.MapMetrics();
        return app;
    }
}
