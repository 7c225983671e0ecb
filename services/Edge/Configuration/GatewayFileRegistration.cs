using Gateway.ControlPlane;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Edge.Configuration;

/// <summary>Registration of the configuration file as the source of snapshots.</summary>
internal static class GatewayFileRegistration
{
    /// <summary>Exit code for a configuration that cannot be used, as in BSD's sysexits.h (EX_CONFIG).</summary>
    public const int ExitCode = 78;

    /// <summary>Loads the file at start and follows its changes. Needs an <see cref="ISnapshotSink"/>.</summary>
    public static IServiceCollection AddGatewayFile(this IServiceCollection services, GatewayFileSourceOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        return services.AddHostedService<GatewayFileSource>();
    }

    /// <summary>Writes every problem on a line of its own, as compilers do, so that editors and people find the place.</summary>
    public static void Print(TextWriter writer, string path, GatewayFileResult result)
    {
        foreach (var warning in result.Warnings)
        {
            writer.WriteLine($"{path}:{warning} (warning)");
        }

        foreach (var error in result.Errors)
        {
            writer.WriteLine($"{path}:{error}");
        }

        if (result.Errors.Count > 0)
        {
            writer.WriteLine($"{path} has {result.Errors.Count} error{(result.Errors.Count == 1 ? "" : "s")}; all keys and their legal values: docs/configuration.md");
        }
    }
}
