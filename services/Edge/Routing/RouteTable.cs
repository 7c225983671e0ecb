using System.Collections.Frozen;

namespace Gateway.Edge.Routing;

/// <summary>The routes of a configuration by their names and patterns.</summary>
internal sealed class RouteTable(IReadOnlyList<RouteRuntime> routes)
{
    private readonly FrozenDictionary<string, RouteRuntime>.AlternateLookup<ReadOnlySpan<char>> _exact =
        routes.Where(static r => !r.IsPattern).ToFrozenDictionary(static r => r.Name, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly RouteRuntime[] _patterns = [.. routes.Where(static r => r.IsPattern).OrderByDescending(static r => r.Name.Length)];

    /// <summary>All routes, in the order of the configuration.</summary>
    public IReadOnlyList<RouteRuntime> All => routes;

    /// <summary>The route for a model name: an exact one before a pattern, the longer pattern before the shorter.</summary>
    public RouteRuntime? Find(ReadOnlySpan<char> model)
    {
        if (_exact.TryGetValue(model, out var route))
        {
            return route;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Pattern.Matches(model, out _))
            {
                return pattern;
            }
        }

        return null;
    }
}
