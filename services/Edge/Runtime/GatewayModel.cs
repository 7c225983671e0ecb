using System.Collections.Frozen;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Callers;
using Gateway.Edge.Routing;
using Gateway.Edge.Upstream;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Runtime;

/// <summary>The immutable runtime model of one snapshot. A request reads it once and keeps that one to its end.</summary>
internal sealed class GatewayModel
{
    private const int MaxIdBytes = 256;

    private readonly FrozenDictionary<KeyHash, KeyRuntime> _keys;
    private readonly FrozenDictionary<string, RouteRuntime>.AlternateLookup<ReadOnlySpan<char>> _exactRoutes;
    private readonly FrozenDictionary<string, KeyRuntime>.AlternateLookup<ReadOnlySpan<char>> _keysById;
    private readonly RouteRuntime[] _patternRoutes;

    public GatewayModel(
        long version,
        GatewaySettings settings,
        IReadOnlyDictionary<KeyHash, KeyRuntime> keys,
        IReadOnlyList<RouteRuntime> routes,
        IReadOnlyDictionary<string, ProviderRuntime> providers,
        IReadOnlyDictionary<string, ProviderAccount> accounts)
    {
        Version = version;
        Settings = settings;
        InputPolicy = GuardPolicy.BlockTerms(settings.BlockedTerms);
        EndUsers = new EndUsers(settings.EndUser);
        _keys = keys.ToFrozenDictionary();
        _keysById = keys.Values.DistinctBy(static k => k.Id).ToFrozenDictionary(static k => k.Id, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        Routes = routes;
        Providers = providers;
        Accounts = accounts;
        _exactRoutes = routes.Where(r => !r.IsPattern).ToFrozenDictionary(r => r.Name, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _patternRoutes = [.. routes.Where(r => r.IsPattern).OrderByDescending(r => r.Name.Length)];
    }

    public long Version { get; }

    public GatewaySettings Settings { get; }

    /// <summary>All routes, in the order of the configuration.</summary>
    public IReadOnlyList<RouteRuntime> Routes { get; }

    public IReadOnlyDictionary<string, ProviderRuntime> Providers { get; }

    /// <summary>What can be reached at each provider without a route.</summary>
    public IReadOnlyDictionary<string, ProviderAccount> Accounts { get; }

    /// <summary>What is looked for in prompts.</summary>
    public GuardPolicy InputPolicy { get; }

    /// <summary>Where requests name their end users.</summary>
    public EndUsers EndUsers { get; }

    /// <summary>Issuers of JWTs.</summary>
    public JwtIssuers JwtIssuers { get; init; } = JwtIssuers.None;

    public int KeyCount => _keysById.Dictionary.Count;

    /// <summary>The key with an id given in UTF-8.</summary>
    public KeyRuntime? FindKeyById(ReadOnlySpan<byte> id)
    {
        Span<char> text = stackalloc char[MaxIdBytes];
        return id.Length <= MaxIdBytes && _keysById.TryGetValue(text[..Encoding.UTF8.GetChars(id, text)], out var key) ? key : null;
    }

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
            if (pattern.Pattern.Matches(model, out _))
            {
                return pattern;
            }
        }

        return null;
    }
}
