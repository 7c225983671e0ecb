using Gateway.Contracts.Configuration;
using Gateway.Routing.Rules;

namespace Gateway.Routing;

/// <summary>A route with everything compiled that can be.</summary>
public abstract class PlanRoute<TTarget>
    where TTarget : PlanTarget
{
    private int _turn = -1;

    /// <summary>Compiles a route. Its rules must be legal: see <see cref="RouteCheck"/>.</summary>
    protected PlanRoute(RouteEntry entry, IReadOnlyList<TTarget> targets)
    {
        Entry = entry;
        Salt = StableHash.Of(entry.Name);
        Tiers = [.. targets.Where(static t => t.Entry.ShadowPercent is null).GroupBy(static t => t.Entry.Priority).OrderBy(static g => g.Key).Select(static g => g.ToArray())];
        Shadows = [.. targets.Where(static t => t.Entry.ShadowPercent > 0)];
        HasCanaries = targets.Any(static t => t.Entry.CanaryPercent is not null);
        Rules = [.. entry.Rules.Select(CompiledRule.From).OfType<CompiledRule>()];
        Sessions = [.. entry.StickyBy.Select(SessionSource.TryParse).OfType<SessionSource>()];
        Only = Tiers is [[var only]] && Shadows.Length == 0 && !HasCanaries && Rules.Length == 0 ? only : null;
    }

    /// <summary>The route's settings.</summary>
    public RouteEntry Entry { get; }

    /// <summary>Targets by priority, best first; canaries included, shadows not.</summary>
    public TTarget[][] Tiers { get; }

    /// <summary>The shadows.</summary>
    public TTarget[] Shadows { get; }

    /// <summary>True when a target is a canary.</summary>
    public bool HasCanaries { get; }

    /// <summary>The compiled rules, in order.</summary>
    public CompiledRule[] Rules { get; }

    /// <summary>Where a request names its session.</summary>
    public SessionSource[] Sessions { get; }

    /// <summary>The only target of a route with nothing to decide, or null.</summary>
    public TTarget? Only { get; }

    /// <summary>Keeps the choices of one route apart from those of another.</summary>
    public ulong Salt { get; }

    /// <summary>The next number for <see cref="RouteStrategy.RoundRobin"/>.</summary>
    public int NextTurn() => Interlocked.Increment(ref _turn) & int.MaxValue;
}

/// <summary>A rule of a route, compiled.</summary>
public sealed record CompiledRule(string Name, RuleExpression When, IReadOnlySet<string> Targets, string? Route, IReadOnlyDictionary<string, string> Set)
{
    internal static CompiledRule? From(RouteRule rule, int index) => RuleExpression.TryParse(rule.When, out _) is { } when
        ? new CompiledRule(RouteCheck.NameOf(rule, index), when, rule.Targets.ToHashSet(StringComparer.Ordinal), rule.Route, rule.Set)
        : null;
}
