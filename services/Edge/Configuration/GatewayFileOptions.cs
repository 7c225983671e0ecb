using Gateway.Catalogue;

namespace Gateway.Edge.Configuration;

/// <summary>What the configuration file may refer to outside itself, and what is found without being in it.</summary>
internal sealed record GatewayFileOptions
{
    /// <summary>Reads an environment variable. Default: this process's.</summary>
    public Func<string, string?> GetEnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Folder that relative <c>${file:…}</c> paths start from. Default: the working directory; for a file its own folder.</summary>
    public string BaseDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>Version of the snapshot. Default 1.</summary>
    public long Version { get; init; } = 1;

    /// <summary>Providers found on this machine by asking; merged in unless <c>autoProviders: false</c>. Default: none.</summary>
    public DetectedProviders Local { get; init; } = DetectedProviders.None;
}
