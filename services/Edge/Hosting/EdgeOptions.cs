using Gateway.Contracts;
using Gateway.Edge.Configuration;
using Gateway.ServiceDefaults;

namespace Gateway.Edge.Hosting;

/// <summary>How this process is to run, from its arguments and environment.</summary>
internal sealed record EdgeOptions
{
    /// <summary>The configuration file of an edge that runs alone, or null under governance.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>What the file said when the process started.</summary>
    public GatewayFileResult? File { get; init; }

    /// <summary>Folder for state.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The port asked for, 0 for any free one, or null when none was.</summary>
    public int? Port { get; init; }

    public static EdgeOptions Read(string? configFile, GatewayFileResult? file, IConfiguration configuration) => new()
    {
        ConfigFile = configFile,
        File = file,
        DataDirectory = Path.GetFullPath(configuration[WireNames.DataDirectoryKey] ?? file?.DataDirectory ?? ".gateway"),
        Port = string.IsNullOrEmpty(configuration[WireNames.PortKey]) ? file?.Port : configuration.WholeNumber(WireNames.PortKey, WireNames.DefaultPort, 0, 65_535),
    };
}
