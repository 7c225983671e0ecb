using Gateway.Contracts.Configuration;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>A model route ready to be planned. An alias is a route of its own name over the same targets.</summary>
internal sealed class RouteRuntime(RouteEntry entry, string name, IReadOnlyList<TargetRuntime> targets) : PlanRoute<TargetRuntime>(entry, targets)
{
    /// <summary>Public name or pattern.</summary>
    public string Name { get; } = name;

    public NamePattern Pattern { get; } = new(name);

    public bool IsPattern => Pattern.IsPattern;

    /// <summary>What stands before the <c>*</c> of a pattern; the whole name of an exact route.</summary>
    public string Prefix { get; } = name.Split('*', 2)[0];

    public RouteStrategy Strategy => Entry.Strategy;

    public int MaxAttempts => Entry.MaxAttempts;

    public IEnumerable<TargetRuntime> Targets => Tiers.SelectMany(static t => t);

    /// <summary>What the <c>*</c> stands for in a name that this route serves; empty for an exact route.</summary>
    public string WildcardPart(string model) => IsPattern && Pattern.Matches(model, out var wildcard) ? model[wildcard] : "";
}
