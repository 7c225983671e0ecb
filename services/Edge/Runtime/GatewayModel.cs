using System.Collections.Frozen;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Runtime;

/// <summary>The immutable runtime model of one snapshot. A request reads it once and keeps that one to its end.</summary>
internal sealed class GatewayModel
{
    private readonly FrozenDictionary<KeyHash, KeyRuntime> _keys;
    private readonly FrozenDictionary<string, RouteRuntime>.AlternateLookup<ReadOnlySpan<char>> _exactRoutes;
    private readonly RouteRuntime[] _patternRoutes;

    public GatewayModel(
        long version,
        GatewaySettings settings,
        IReadOnlyDictionary<KeyHash, KeyRuntime> keys,
        IReadOnlyList<RouteRuntime> routes,
        IReadOnlyDictionary<string, ProviderRuntime> providers)
    {
        Version = version;
        Settings = settings;
        _keys = keys.ToFrozenDictionary();
        Routes = routes;
        Providers = providers;
        _exactRoutes = routes.Where(r => !r.IsPattern).ToFrozenDictionary(r => r.Name, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _patternRoutes = [.. routes.Where(r => r.IsPattern).OrderByDescending(r => r.Name.Length)];
    }

    public long Version { get; }

    public GatewaySettings Settings { get; }

    /// <summary>All routes, in the order of the configuration.</summary>
    public IReadOnlyList<RouteRuntime> Routes { get; }

    public IReadOnlyDictionary<string, ProviderRuntime> Providers { get; }

    public int KeyCount => _keys.Count;

    public bool HasKeys => _keys.Count > 0;

    public KeyRuntime? FindKey(in KeyHash hash) => _keys.GetValueOrDefault(hash);

    /// <summary>The route for a model name: an exact one before a pattern, the longer pattern before the shorter.</summary>
    public RouteRuntime? FindRoute(ReadOnlySpan<char> model)
    {
        if (_exactRoutes.TryGetValue(model, out var route))
        {
            return route;
        }

        foreach (var pattern in _patternRoutes)
        {
            if (model.StartsWith(pattern.Prefix, StringComparison.Ordinal) && model.Length > pattern.Prefix.Length)
            {
                return pattern;
            }
        }

        return null;
    }
}
