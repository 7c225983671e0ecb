using Gateway.Contracts;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Configuration;
using Gateway.Edge.Guarding.Remote;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Mcp;
using Gateway.Edge.Mcp.Alone;
using Gateway.Edge.Passthrough;
using Gateway.Edge.Proxy;
using Gateway.ServiceDefaults;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Edge.Hosting;

/// <summary>Builds and runs the edge.</summary>
internal static class EdgeApp
{
    private const int UsageExitCode = 64;
    private const int PortExitCode = 69;

    /// <summary>Runs until it is stopped.</summary>
    /// <param name="configFile">Configuration file, or null to run under governance.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code, of BSD's sysexits.h: 0, 64 without a configuration source, 69 for a taken port, 78 for a bad configuration.</returns>
    public static async Task<int> RunAsync(string? configFile, CancellationToken cancellationToken)
    {
        GatewayFileResult? file = null;
        if (configFile is not null)
        {
            file = await GatewayFileLoader.LoadAsync(new GatewayFileSourceOptions { Path = configFile }, cancellationToken).ConfigureAwait(false);
            GatewayFileRegistration.Print(Console.Error, configFile, file);
            if (file.Errors.Count > 0)
            {
                return GatewayFileRegistration.ExitCode;
            }
        }

        var builder = WebApplication.CreateSlimBuilder();
        var options = EdgeOptions.Read(configFile, file, builder.Configuration);
        if (configFile is null && !HasGovernance(builder.Configuration))
        {
            await Console.Error.WriteLineAsync("The edge needs a configuration: give a file with --config FILE, or start everything with 'dotnet run --project AppHost'.").ConfigureAwait(false);
            return UsageExitCode;
        }

        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            var url = Listener.Choose(options.Port, out var problem);
            if (problem is not null)
            {
                await Console.Error.WriteLineAsync(problem).ConfigureAwait(false);
            }

            if (url is null)
            {
                return PortExitCode;
            }

            builder.WebHost.UseUrls(url);
        }

        var app = Build(builder, options);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        if (configFile is not null)
        {
            await Console.Out.WriteLineAsync($"Gateway ready: {string.Join(", ", app.Urls)}/v1  (configuration: {configFile}; state: {options.DataDirectory}; no other service)").ConfigureAwait(false);
        }

        await app.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
        return 0;
    }

    /// <summary>Composes the application; <see cref="RunAsync"/> and tests start it.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, EdgeOptions options)
    {
        builder.AddServiceDefaults(WireNames.Edge);
        builder.Services.Configure<TelemetryOptions>(static telemetry =>
        {
            // Requests are traced by the edge itself, which decides at their end: see docs/adr/trace-sampling.md.
            telemetry.DecidesTraces = true;
            telemetry.ActivitySources.Remove("Microsoft.AspNetCore");
        });
        builder.WebHost.UseSockets(static sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;
            // Saves a system call a request for a 4 KB buffer an idle connection.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        });
        builder.WebHost.ConfigureKestrel(ConfigureKestrel);
        builder.Services.AddRouting();
        builder.Services.AddEdge(options);
        builder.AddLimits(options.ConfigFile is not null);

        var app = builder.Build();
        // Only for requests that ask for it: to all others it would be an allocation.
        app.UseWhen(static http => http.Request.Headers.Upgrade.Count > 0, static branch => branch.UseWebSockets());
        app.UseMiddleware<InboundMiddleware>();
        app.UseRouting();
        app.MapDefaultEndpoints();
        app.Services.GetRequiredService<PassthroughEndpoint>().Map(app);
        app.Services.GetRequiredService<ProtectedResource>().Map(app);
        if (app.Services.GetRequiredService<InternalToken>().IsConfigured)
        {
            app.Services.GetRequiredService<RuleEndpoint>().Map(app);
            if (options.ConfigFile is not null)
            {
                app.Services.GetRequiredService<AloneEndpoints>().Map(app);
            }
        }

        app.Services.GetRequiredService<ServiceProxy>().Map(app);
        return app;
    }

    private static bool HasGovernance(IConfiguration configuration) =>
        configuration.GetSection("services:governance").Exists() || configuration["GOVERNANCE_HTTP"] is not null || configuration["GOVERNANCE_HTTPS"] is not null;

    private static void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // The pipeline checks the configured size itself, so that it can change without a restart and the error has the caller's shape.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        // Proxied paths have bodies too (the admin API); governance has limits of its own.
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
    }
}
