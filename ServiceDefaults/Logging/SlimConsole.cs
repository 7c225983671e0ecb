using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.ServiceDefaults.Logging;

/// <summary>Console logs: one line each, the frameworks quiet unless something is wrong.</summary>
internal static class SlimConsole
{
    /// <summary>The category by which ASP.NET Core decides to create an activity per request even when nobody traces.</summary>
    private const string RequestDiagnostics = "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Chooses between lines for people and JSON for programs.</summary>
    private const string FormatKey = "Gateway:LogFormat";

    public static void AddSlimConsole(this IHostApplicationBuilder builder)
    {
        var levels = new Dictionary<string, string?>
        {
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft"] = "Warning",
            ["Logging:LogLevel:System"] = "Warning",
            ["Logging:LogLevel:Yarp"] = "Warning",
            ["Logging:LogLevel:Npgsql"] = "Warning",
            ["Logging:LogLevel:ModelContextProtocol"] = "Warning",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
            [RequestDiagnostics] = "None",
        };

        // Lowest priority, so that appsettings, environment variables and arguments override each line.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = levels });
        var levelSwitch = new LogLevelSwitch();
        builder.Configuration.Sources.Add(levelSwitch.Configuration);
        builder.Services.AddSingleton(levelSwitch);
        if (IsJson(builder.Configuration[FormatKey]))
        {
            builder.Logging.AddJsonConsole(options =>
            {
                // The ids of the trace are a scope.
                options.IncludeScopes = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
            });
            return;
        }

        builder.Logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.IncludeScopes = false;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "HH:mm:ss.fff ";
            options.ColorBehavior = LoggerColorBehavior.Default;
        });
    }

    private static bool IsJson(string? format) => format switch
    {
        null or "" or "text" => false,
        "json" => true,
        _ => throw new InvalidOperationException($"Configuration {FormatKey} (environment variable Gateway__LogFormat) is '{format}': it must be text or json; default text."),
    };
}
