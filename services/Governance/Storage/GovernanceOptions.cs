using Gateway.Contracts;

namespace Gateway.Governance.Storage;

/// <summary>What governance takes from configuration.</summary>
internal sealed record GovernanceOptions
{
    /// <summary>Configuration key of <see cref="KeyRingFile"/>.</summary>
    public const string KeyRingKey = "Gateway:KeyRingFile";

    /// <summary>Configuration key of <see cref="ResetAdminKey"/>.</summary>
    public const string ResetAdminKeyKey = "Gateway:ResetAdminKey";

    /// <summary>Folder for state, absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The file with the keys that encrypt secrets at rest. Instances that share a database share this file.</summary>
    public required string KeyRingFile { get; init; }

    /// <summary>True to replace the bootstrap admin key at start.</summary>
    public bool ResetAdminKey { get; init; }

    /// <summary>Folder of governance's own files.</summary>
    public string OwnDirectory => Path.Combine(DataDirectory, WireNames.Governance);

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="StartupException">A value is not legal.</exception>
    public static GovernanceOptions From(IConfiguration configuration)
    {
        var data = Path.GetFullPath(configuration[WireNames.DataDirectoryKey] is { Length: > 0 } given ? given : ".gateway");
        var reset = configuration[ResetAdminKeyKey] switch
        {
            null or "" => false,
            var text when bool.TryParse(text, out var value) => value,
            var text => throw new StartupException($"{ResetAdminKeyKey} is '{text}'; legal values are true and false."),
        };
        return new GovernanceOptions
        {
            DataDirectory = data,
            KeyRingFile = configuration[KeyRingKey] is { Length: > 0 } ring
                ? Path.GetFullPath(ring)
                : Path.Combine(data, WireNames.Governance, "keyring.json"),
            ResetAdminKey = reset,
        };
    }
}

/// <summary>The service cannot start until its operator changes something; the message says what.</summary>
internal sealed class StartupException(string message) : Exception(message);
