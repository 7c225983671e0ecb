using System.Collections.Concurrent;
using System.Collections.Frozen;
using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Policies;
using Gateway.McpHub.Guarding;

namespace Gateway.McpHub.ControlPlane;

/// <summary>What the hub goes by: one configuration, immutable, replaced in one write. Calls read one from start to end.</summary>
internal sealed class HubModel
{
    // Keys of JWT issuers come and go by their callers; what is remembered of them is bounded.
    private const int MostCallers = 20_000;

    private readonly FrozenDictionary<string, HubServerModel> _servers;
    private readonly Dictionary<string, VirtualKeyEntry> _keys;
    private readonly Dictionary<string, McpToolEntry> _tools;
    private readonly AccountTree _accounts;
    private readonly ToolPolicies _policies;
    private readonly ConcurrentDictionary<string, KnownCaller> _callers = new(StringComparer.Ordinal);

    private HubModel(
        GatewaySnapshot snapshot, FrozenDictionary<string, HubServerModel> servers, Dictionary<string, VirtualKeyEntry> keys, Dictionary<string, McpToolEntry> tools, AccountTree accounts,
        ToolPolicies policies, HubGuards guards)
    {
        (Snapshot, _servers, _keys, _tools, _accounts, _policies, Guards) = (snapshot, servers, keys, tools, accounts, policies, guards);
    }

    /// <summary>Without an entry: nothing is there.</summary>
    public static HubModel Empty { get; } = Build(new GatewaySnapshot { Version = 0 }, null);

    /// <summary>The configuration.</summary>
    public GatewaySnapshot Snapshot { get; }

    /// <summary>The guardrail policies.</summary>
    public HubGuards Guards { get; }

    /// <summary>Builds the model of a configuration; what did not change is taken from the model before.</summary>
    public static HubModel Build(GatewaySnapshot snapshot, HubModel? before)
    {
        var last = before?.Snapshot;
        return new HubModel(
            snapshot,
            last is not null && ReferenceEquals(last.McpServers, snapshot.McpServers)
                ? before!._servers
                : snapshot.McpServers.Where(static s => s.Enabled).ToFrozenDictionary(static s => s.Id, static s => new HubServerModel(s), StringComparer.Ordinal),
            last is not null && ReferenceEquals(last.Keys, snapshot.Keys) ? before!._keys : snapshot.Keys.ToDictionary(static k => k.Id, StringComparer.Ordinal),
            last is not null && ReferenceEquals(last.McpTools, snapshot.McpTools) ? before!._tools : snapshot.McpTools.ToDictionary(static t => t.Id, StringComparer.Ordinal),
            AccountTree.Of(snapshot),
            last is not null && ReferenceEquals(last.McpPolicies, snapshot.McpPolicies) ? before!._policies : ToolPolicies.Compile(snapshot.McpPolicies),
            HubGuards.Build(snapshot, before is null ? null : (last!, before.Guards)));
    }

    /// <summary>A server that is switched on; null when there is none.</summary>
    public HubServerModel? Server(string id) => _servers.GetValueOrDefault(id);

    /// <summary>Whether a tool with this fingerprint may be used by anybody.</summary>
    public bool IsApproved(HubServerModel server, string id, string fingerprint)
    {
        var decided = _tools.GetValueOrDefault(id);
        return decided is not { Withheld: true } && (server.Entry.Trust == McpTrust.All || decided?.Fingerprint == fingerprint);
    }

    /// <summary>What holds for a key; null when there is none that may be used.</summary>
    public KnownCaller? Caller(string keyId, DateTimeOffset now)
    {
        if (!_callers.TryGetValue(keyId, out var known))
        {
            if (!_keys.TryGetValue(keyId, out var key))
            {
                return null;
            }

            if (_callers.Count >= MostCallers)
            {
                _callers.Clear();
            }

            var above = _accounts.Resolve(key);
            var caller = new ToolCaller { KeyId = key.Id, TeamId = above.Team?.Id ?? "", CustomerId = above.Customer?.Id ?? "", Tags = key.Tags, Tools = key.McpTools };
            var isOpen = key.Enabled && above.Team is not { Enabled: false } && above.User is not { Enabled: false } && above.Customer is not { Enabled: false };
            _callers[keyId] = known = new KnownCaller(key, above.Team, isOpen, _policies.For(caller));
        }

        return known.IsOpen && !(known.Key.ExpiresAt <= now) ? known : null;
    }
}

/// <summary>A caller as the configuration knows him.</summary>
/// <param name="Key">His key.</param>
/// <param name="Team">Its team, or null.</param>
/// <param name="IsOpen">Whether the key and the accounts above it are switched on.</param>
/// <param name="Policies">What he may list and call.</param>
internal sealed record KnownCaller(VirtualKeyEntry Key, TeamEntry? Team, bool IsOpen, CallerPolicies Policies);
