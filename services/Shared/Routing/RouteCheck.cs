using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Routing.Rules;

namespace Gateway.Routing;

/// <summary>What must hold within one route, wherever it is configured. Each problem names the field concerned.</summary>
public static class RouteCheck
{
    private const int MostRules = 100;
    private const int MostNames = 50;
    private const int MostAttributes = 20;

    /// <summary>The rule's name, or its position.</summary>
    public static string NameOf(RouteRule rule, int index) => rule.Name ?? "rule " + (index + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The problems of a route.</summary>
    public static IEnumerable<(string Field, string Message)> Problems(RouteEntry route) =>
        [.. Targets(route), .. Rules(route), .. Lists(route), .. Sessions(route), .. Hedge(route)];

    /// <summary>Public names of other routes that a route refers to, with the fields that do.</summary>
    public static IEnumerable<(string Field, string Name)> References(RouteEntry route) =>
    [
        .. Named("fallbacks", route.Fallbacks), .. Named("contextWindowFallbacks", route.ContextWindowFallbacks), .. Named("contentPolicyFallbacks", route.ContentPolicyFallbacks),
        .. route.Rules.Select(static (r, i) => (Field: $"rules[{i}].route", Name: r.Route ?? "")).Where(static r => r.Name.Length > 0),
    ];

    private static IEnumerable<(string Field, string Name)> Named(string field, IReadOnlyList<string> names) => names.Select((n, i) => ($"{field}[{i}]", n));

    private static IEnumerable<(string Field, string Message)> Targets(RouteEntry route)
    {
        if (route.Targets.Count == 0)
        {
            yield break;
        }

        var serving = route.Targets.Where(static t => t.ShadowPercent is null && t.CanaryPercent is null).ToList();
        if (serving.Count == 0)
        {
            yield return ("targets", "Every target is a canary or a shadow: at least one must serve everybody.");
        }
        else if (route.Strategy is RouteStrategy.Weighted or RouteStrategy.Sticky && serving.TrueForAll(static t => t.Weight == 0))
        {
            yield return ("targets", "Every target has weight 0: at least one must be above.");
        }

        if (route.Targets.Sum(static t => t.CanaryPercent ?? 0) > 100)
        {
            yield return ("targets", "The canaries' percentages add up to more than 100.");
        }

        foreach (var both in route.Targets.Where(static t => t is { ShadowPercent: not null, CanaryPercent: not null }))
        {
            yield return ("targets", $"The target '{both.DeploymentId}' is canary and shadow: it can be one of them.");
        }
    }

    private static IEnumerable<(string Field, string Message)> Rules(RouteEntry route)
    {
        if (route.Rules.Count > MostRules)
        {
            yield return ("rules", $"There are {route.Rules.Count} rules; at most {MostRules} are allowed.");
            yield break;
        }

        for (var i = 0; i < route.Rules.Count; i++)
        {
            var rule = route.Rules[i];
            if (RuleExpression.TryParse(rule.When, out var problem) is null)
            {
                yield return ($"rules[{i}].when", problem!.ToString());
            }

            if (rule.Targets.Count == 0 && rule.Route is null && rule.Set.Count == 0)
            {
                yield return ($"rules[{i}]", "A rule does something: give it targets, a route, or attributes to set.");
            }

            if (rule.Targets.Count > 0 && rule.Route is not null)
            {
                yield return ($"rules[{i}]", "A rule has either targets or a route, not both.");
            }

            if (rule.Set.Count > MostAttributes)
            {
                yield return ($"rules[{i}].set", $"A rule sets at most {MostAttributes} attributes.");
            }

            foreach (var name in rule.Targets.Where(t => !route.Targets.Any(o => o.DeploymentId == t && o.ShadowPercent is null)))
            {
                yield return ($"rules[{i}].targets", $"'{name}' is no target of this route (or a shadow): a rule chooses among the route's targets.");
            }
        }
    }

    private static IEnumerable<(string Field, string Message)> Lists(RouteEntry route)
    {
        foreach (var (field, names) in new[] { ("aliases", route.Aliases), ("fallbacks", route.Fallbacks), ("contextWindowFallbacks", route.ContextWindowFallbacks), ("contentPolicyFallbacks", route.ContentPolicyFallbacks), ("stickyBy", route.StickyBy) })
        {
            if (names.Count > MostNames)
            {
                yield return (field, $"There are {names.Count} entries; at most {MostNames} are allowed.");
            }
        }
    }

    private static IEnumerable<(string Field, string Message)> Sessions(RouteEntry route)
    {
        for (var i = 0; i < route.StickyBy.Count; i++)
        {
            if (SessionSource.TryParse(route.StickyBy[i]) is null)
            {
                yield return ($"stickyBy[{i}]", $"'{route.StickyBy[i]}' names no session. Legal: header:NAME, metadata:NAME, user, key.");
            }
        }
    }

    private static IEnumerable<(string Field, string Message)> Hedge(RouteEntry route)
    {
        if (route.Hedge is { DelayMs: not null, Percentile: not null })
        {
            yield return ("hedge", "Hedging has either delayMs or percentile, not both.");
        }
    }
}
