using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Caching.Policies;
using Gateway.Edge.Callers;
using Gateway.Edge.Guarding.Policies;
using Gateway.Edge.Mcp;
using Gateway.Edge.Routing;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Runtime;

/// <summary>The immutable runtime model of one snapshot. A request reads it once and keeps that one to its end.</summary>
internal sealed class GatewayModel
{
    private const int MaxIdBytes = 256;

    private readonly KeyTable _keys;
    private readonly RouteTable _routes;

    /// <summary>Makes a model.</summary>
    /// <param name="snapshot">The configuration it is made of.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="routes">Its routes.</param>
    /// <param name="upstream">What it calls.</param>
    /// <param name="before">The model in force, whose parts are used again where they are the same; null for none.</param>
    public GatewayModel(GatewaySnapshot snapshot, KeyModel keys, RouteTable routes, UpstreamModel upstream, GatewayModel? before = null)
    {
        Version = snapshot.Version;
        Settings = snapshot.Settings;
        KeyModel = keys;
        Upstream = upstream;
        _keys = keys.Table;
        _routes = routes;
        var known = before is not null && ReferenceEquals(before.Settings, Settings) ? before : null;
        Caching = known?.Caching ?? new CachePlan(Settings);
        McpPrices = before is not null && ReferenceEquals(before.McpPrices.Servers, snapshot.McpServers) ? before.McpPrices : new McpPrices(snapshot.McpServers);
        EndUsers = known?.EndUsers ?? new EndUsers(Settings.EndUser);
    }

    public long Version { get; }

    public GatewaySettings Settings { get; }

    /// <summary>All routes, in the order of the configuration.</summary>
    public IReadOnlyList<RouteRuntime> Routes => _routes.All;

    public IReadOnlyDictionary<string, ProviderRuntime> Providers => Upstream.Providers;

    /// <summary>What can be reached at each provider without a route.</summary>
    public IReadOnlyDictionary<string, ProviderAccount> Accounts => Upstream.Accounts;

    /// <summary>The keys with what they were made from.</summary>
    public KeyModel KeyModel { get; }

    /// <summary>The routes by their names.</summary>
    public RouteTable RouteTable => _routes;

    /// <summary>What is called.</summary>
    public UpstreamModel Upstream { get; }

    /// <summary>Guardrail policies, and whom they apply to.</summary>
    public GuardModel Guards { get; init; } = GuardModel.None;

    /// <summary>What calls of tools cost.</summary>
    public McpPrices McpPrices { get; }

    /// <summary>What is cached for whom.</summary>
    public CachePlan Caching { get; }

    /// <summary>Where requests name their end users.</summary>
    public EndUsers EndUsers { get; }

    /// <summary>Issuers of JWTs.</summary>
    public JwtIssuers JwtIssuers { get; init; } = JwtIssuers.None;

    public int KeyCount => _keys.KeyCount;

    /// <summary>The key with an id given in UTF-8.</summary>
    public KeyRuntime? FindKeyById(ReadOnlySpan<byte> id)
    {
        Span<char> text = stackalloc char[MaxIdBytes];
        return id.Length <= MaxIdBytes ? _keys.Find(text[..Encoding.UTF8.GetChars(id, text)]) : null;
    }

    public KeyRuntime? FindKey(in KeyHash hash) => _keys.Find(hash);

    /// <summary>The route for a model name: an exact one before a pattern, the longer pattern before the shorter.</summary>
    public RouteRuntime? FindRoute(ReadOnlySpan<char> model) => _routes.Find(model);
}
