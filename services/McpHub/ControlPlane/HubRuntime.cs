using Gateway.Contracts.Configuration;
using Gateway.ControlPlane;
using Gateway.Mcp;
using Gateway.McpHub.Configuration;
using Gateway.ServiceDefaults.Logging;

namespace Gateway.McpHub.ControlPlane;

/// <summary>The configuration in force, and the servers that are registered by it.</summary>
internal sealed partial class HubRuntime(LogLevelSwitch levels, ILogger<HubRuntime> log) : ISnapshotSink, IHubServers
{
    private readonly Lock _applying = new();
    private volatile HubModel _model = HubModel.Empty;
    private volatile HubServers _servers = HubServers.None;

    /// <summary>Raised after servers, bundles or their credentials changed.</summary>
    public event Action? Changed;

    /// <summary>Raised after what callers are shown may have changed in another way: policies, keys, approved tools.</summary>
    public event Action? RulesChanged;

    /// <summary>The model in force.</summary>
    public HubModel Model => _model;

    /// <inheritdoc/>
    public HubServers Current => _servers;

    /// <inheritdoc/>
    public IReadOnlyList<string> Apply(GatewaySnapshot snapshot)
    {
        lock (_applying)
        {
            var before = _model;
            try
            {
                _model = HubModel.Build(snapshot, before);
            }
            catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
            {
                // A configuration that cannot be built leaves the one before in force.
                NotBuilt(fault);
                return ["The configuration cannot be built: an id is there twice, or an entry makes no sense."];
            }

            levels.Follow(snapshot.Settings.Telemetry.LogLevel);
            var last = before.Snapshot;
            if (!ReferenceEquals(last.McpServers, snapshot.McpServers) || !ReferenceEquals(last.McpBundles, snapshot.McpBundles) || !ReferenceEquals(last.McpCredentials, snapshot.McpCredentials))
            {
                _servers = Registered(snapshot);
                Changed?.Invoke();
            }

            if (!ReferenceEquals(last.McpPolicies, snapshot.McpPolicies) || !ReferenceEquals(last.McpTools, snapshot.McpTools) || !ReferenceEquals(last.Keys, snapshot.Keys)
                || !ReferenceEquals(last.Teams, snapshot.Teams) || !ReferenceEquals(last.McpServers, snapshot.McpServers))
            {
                RulesChanged?.Invoke();
            }
        }

        InForce(snapshot.Version);
        return [];
    }

    private HubServers Registered(GatewaySnapshot snapshot)
    {
        if (snapshot.McpServers.Any(static s => s.Id == McpIds.Hub) || snapshot.McpBundles.Any(static b => b.Id == McpIds.Hub))
        {
            OwnId(McpIds.Hub);
        }

        var secrets = new Dictionary<(string Server, string Id), string>();
        foreach (var credential in snapshot.McpCredentials)
        {
            secrets[(credential.ProviderId, credential.Id)] = credential.Secret;
        }

        return new HubServers
        {
            // A secret is sent to its own server only, whatever an entry says.
            Servers = snapshot.McpServers.Where(static s => s.Enabled && s.Id != McpIds.Hub).ToDictionary(static s => s.Id, s => s.ToSettings(id => secrets.GetValueOrDefault((s.Id, id))), StringComparer.Ordinal),
            Bundles = snapshot.McpBundles.Where(static b => b.Enabled && b.Id != McpIds.Hub).ToDictionary(static b => b.Id, static b => new ToolBundle { Id = b.Id, Tools = [.. b.Tools] }, StringComparer.Ordinal),
        };
    }

    [LoggerMessage(2, LogLevel.Debug, "The configuration {Version} is in force")]
    private partial void InForce(long version);

    [LoggerMessage(1, LogLevel.Error, "A configuration could not be built; the one before stays in force")]
    private partial void NotBuilt(Exception fault);

    [LoggerMessage(3, LogLevel.Error, "A server or bundle has the id '{Id}', which the hub's own tools are called by: it is left out. Give it another id")]
    private partial void OwnId(string id);
}
