using Gateway.AppHost.Local.Hosting;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>The application: its resources, run as processes of this machine.</summary>
internal sealed class DistributedApplication(LocalOptions options, IReadOnlyList<IResource> resources, IConfiguration configuration)
{
    /// <summary>A builder for the settings of this command line and environment.</summary>
    /// <param name="args">The command line.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        new LocalApplicationBuilder(LocalOptions.Parse(args, Environment.GetEnvironmentVariable));

    /// <summary>Runs until Ctrl-C or SIGTERM. The process's exit code says how it ended: 0 asked to, 1 could not run, 2 wrong usage.</summary>
    /// <param name="cancellationToken">Stops it too.</param>
    public async Task RunAsync(CancellationToken cancellationToken = default) =>
        Environment.ExitCode = await LocalHost.RunAsync(options, resources, configuration, cancellationToken).ConfigureAwait(false);
}
