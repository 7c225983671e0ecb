using Gateway.Contracts.Configuration;
using Gateway.Edge.RequestLog.Delivery;

namespace Gateway.Edge.Configuration;

/// <summary>What became of a configuration file: a snapshot, or everything that is wrong with it.</summary>
internal sealed record GatewayFileResult
{
    /// <summary>The configuration, or null when there is any error.</summary>
    public GatewaySnapshot? Snapshot { get; init; }

    /// <summary>Everything that is wrong, in the order of the file; empty when <see cref="Snapshot"/> is set.</summary>
    public IReadOnlyList<ConfigurationProblem> Errors { get; init; } = [];

    /// <summary>What is legal but likely not meant.</summary>
    public IReadOnlyList<ConfigurationProblem> Warnings { get; init; } = [];

    /// <summary>Public port the file asks for, or null.</summary>
    public int? Port { get; init; }

    /// <summary>Folder for state the file asks for, or null.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where the request log goes, or null for nowhere.</summary>
    public LogFileOptions? RequestLog { get; init; }

    /// <summary>Whether providers that are not in the file are to be looked for.</summary>
    public bool AutoProviders { get; init; } = true;

    /// <summary>Other files whose content is part of the configuration.</summary>
    public IReadOnlyList<string> ReferencedFiles { get; init; } = [];
}
