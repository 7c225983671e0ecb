namespace Gateway.McpHub.Configuration;

/// <summary>What is registered with the hub at present.</summary>
internal interface IHubServers
{
    /// <summary>The registration in force; replaced as a whole.</summary>
    HubServers Current { get; }

    /// <summary>Raised after <see cref="Current"/> was replaced.</summary>
    event Action? Changed;
}

/// <summary>One state of the registration.</summary>
internal sealed record HubServers
{
    /// <summary>Nothing.</summary>
    public static readonly HubServers None = new();

    /// <summary>Servers by id.</summary>
    public IReadOnlyDictionary<string, UpstreamSettings> Servers { get; init; } = new Dictionary<string, UpstreamSettings>();

    /// <summary>Bundles by id. Where a server has the same id the server is meant.</summary>
    public IReadOnlyDictionary<string, ToolBundle> Bundles { get; init; } = new Dictionary<string, ToolBundle>();
}
