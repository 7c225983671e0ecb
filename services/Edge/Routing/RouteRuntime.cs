using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Routing.Health;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>A model route ready to be planned. An alias is a route of its own name over the same targets.</summary>
internal sealed class RouteRuntime : PlanRoute<TargetRuntime>
{
    // Names come from callers: past so many the models of a pattern share their health.
    private const int MostModels = 500;

    private readonly IReadOnlyList<TargetRuntime> _targets;
    private readonly RoutingState _state;
    private readonly ConcurrentDictionary<string, RouteRuntime>? _models;
    private byte[]? _fingerprint;

    public RouteRuntime(RouteEntry entry, string name, IReadOnlyList<TargetRuntime> targets, RoutingState state)
        : this(entry, name, targets, state, targets.Any(static t => t.Deployment.IsWildcard) ? new(StringComparer.Ordinal) : null)
    {
    }

    private RouteRuntime(RouteEntry entry, string name, IReadOnlyList<TargetRuntime> targets, RoutingState state, ConcurrentDictionary<string, RouteRuntime>? models)
        : base(entry, targets)
    {
        _targets = targets;
        _state = state;
        _models = models;
        Name = name;
        Pattern = new NamePattern(name);
        Prefix = name.Split('*', 2)[0];
    }

    /// <summary>Public name or pattern.</summary>
    public string Name { get; }

    public NamePattern Pattern { get; }

    public bool IsPattern => Pattern.IsPattern;

    /// <summary>What stands before the <c>*</c> of a pattern; the whole name of an exact route.</summary>
    public string Prefix { get; }

    public RouteStrategy Strategy => Entry.Strategy;

    public int MaxAttempts => Entry.MaxAttempts;

    /// <summary>Tells routes whose answers may differ from this one: by whom they may be given, and what is left out of requests.</summary>
    public byte[] Fingerprint => _fingerprint ??= SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', Targets.Where(static t => t.Entry.ShadowPercent is null).Select(static t => $"{t.DeploymentId} {t.ProviderId} {t.Deployment.Model}").Order(StringComparer.Ordinal)
            .Append(Entry.Unsupported.ToString()))));

    public IEnumerable<TargetRuntime> Targets => Tiers.SelectMany(static t => t);

    /// <summary>What the <c>*</c> stands for in a name that this route serves; empty for an exact route.</summary>
    public string WildcardPart(string model) => IsPattern && Pattern.Matches(model, out var wildcard) ? model[wildcard] : "";

    /// <summary>This route for one of the models that its <c>*</c> stands for, each of which fares by itself.</summary>
    public RouteRuntime ForWildcard(string part)
    {
        if (_models is null || part.Length == 0)
        {
            return this;
        }

        if (_models.TryGetValue(part, out var known))
        {
            return known;
        }

        return _models.Count >= MostModels || !_state.HasRoom
            ? this
            : _models.GetOrAdd(part, static (p, route) => new RouteRuntime(route.Entry, route.Name, [.. route._targets.Select(t => t.ForWildcard(p))], route._state, null), this);
    }
}
